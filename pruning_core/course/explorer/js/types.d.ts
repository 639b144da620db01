/* Ce que les modules de l'explorateur se passent. */

import type { WordFile } from "./words/types";

export type Scope = "global" | "layerwise";

/** Ce que le lecteur règle, de même que les traits du widget Python. */
export interface State {
  sparsity: number;
  method: string;
  scope: Scope;
}

/** Nom affiché, couleur et trait d'une méthode ; `dash` comme dans matplotlib. */
export interface Look {
  key: string;
  label: string;
  colour: string;
  dash: "-" | "--" | ":";
}

/** Des rangs de poids, du premier élagué au dernier. */
export type Ranks = Uint16Array | Uint32Array;
export type Values = Float32Array | Float64Array;

/** Un réseau compensé d'OBS, calculé d'avance ; `kept` est son nombre de poids gardés. */
export interface Step {
  mask: Uint8Array;
  kept: number;
  weights: Values;
  biases: Values;
}

export interface OrderedMethod extends Look {
  note: string;
  /** Sur tous les poids ensemble ; calculé à la première demande. */
  order: () => Ranks;
  /** Le même ordre, restreint à chaque couche. */
  layerOrders: () => Ranks[];
  path?: undefined;
}

/** Du moins au plus élagué. */
export interface PathMethod extends Look {
  note: string;
  path: Step[];
}

export type Method = OrderedMethod | PathMethod;

/** Une couche linéaire, et où commencent ses poids et ses biais dans les tableaux du réseau. */
export interface Layer {
  inputs: number;
  outputs: number;
  start: number;
  size: number;
  biasStart: number;
}

/** Tout ce que l'explorateur sait du réseau et des images ; les réseaux élagués le partagent. */
export interface Data {
  /** Largeurs : entrée, couches cachées, sortie. */
  sizes: number[];
  layers: Layer[];
  weightCount: number;
  weights: Float32Array;
  biases: Float32Array;
  /** Le plus grand |w|. */
  largestWeight: number;
  imageCount: number;
  classCount: number;
  /** Côté d'une image carrée. */
  side: number;
  /** Gris de chaque image, entiers ou réels ; un pixel en est le quotient par `scale`. */
  images: ArrayLike<number>;
  scale: number;
  labels: Uint8Array;
  /** Les pixels, pixel par pixel plutôt qu'image par image. */
  inputs: Float64Array;
  methods: Method[];
  /** Celui de la magnitude quand chaque couche a la même sparsité. */
  layerwise: Look;
  /** Exactitude sans élagage, si elle est connue d'avance. */
  dense?: number;
  /** Poids et gris sont des multiples de pas fixes : les sommes de la première couche sont exactes. */
  exact: boolean;
}

/** Les données d'un petit réseau, dans la page : écrites par `packing.py`, tableaux en base64. */
export interface PackedData {
  sizes: number[];
  weights: string;
  biases: string;
  images: string;
  pixels?: "float32";
  scale: number;
  labels: string;
  methods: PackedMethod[];
  layerwise: Look;
}

export interface PackedMethod extends Look {
  note: string;
  /** Absent : l'ordre des valeurs absolues. */
  order?: string;
  path?: PackedPath;
}

/** Un trajet d'OBS, écrit par `compensated.py`. */
export interface PackedPath {
  step: number;
  count: number;
  stays: string;
  moves: string;
}

/** Les données d'un grand réseau, dans leur fichier : écrites par `lenet.py`, compressées. */
export interface PackedFile {
  header: {
    sizes: number[];
    scale: number;
    step: number;
    images: number;
    steps: number;
    dense: number;
    methods: PackedMethod[];
    layerwise: Look;
  };
  packed: string;
}

/** Ce qu'une page donne à un explorateur : ses données, ou le nom de leur fichier. `brief` : la page n'en
 * veut que l'essentiel. */
export type PageData = (PackedData | { source: string }) & { state: State; brief?: boolean };

/** Les mesures d'un réseau élagué sur les images de test. */
export interface Evaluation {
  accuracy: number;
  loss: number;
  predictions: Uint8Array;
}

/** Le lien avec le noyau de Jupyter. */
export interface Bridge<Settings = State, Told = Settings & { accuracy: number; loss: number; kept: number }> {
  /** Dit au noyau les réglages et les mesures. */
  set(values: Told): void;
  /** Applique les réglages que le noyau change. */
  listen(apply: (state: Settings) => void): void;
}

declare global {
  /** Où chaque fichier de données s'inscrit, sous son nom. */
  var pruningExplorerData: Record<string, PackedFile | WordFile> | undefined;
}
