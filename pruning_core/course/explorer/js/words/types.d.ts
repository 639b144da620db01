/* Ce que les modules de l'explorateur de mots se passent. */

import type { Look } from "../types";

/** Une couche linéaire : une ligne de poids par sortie. */
export interface Linear {
  inputs: number;
  outputs: number;
  weights: Float64Array;
  biases: Float64Array;
}

/** Une normalisation, puis un gain et un décalage par composante. */
export interface Norm {
  gains: Float64Array;
  shifts: Float64Array;
}

export interface Block {
  beforeAttention: Norm;
  query: Linear;
  key: Linear;
  value: Linear;
  output: Linear;
  beforeMlp: Norm;
  up: Linear;
  down: Linear;
}

/** Un transformeur de mots ; plongements rangés ligne par ligne. */
export interface WordModel {
  width: number;
  heads: number;
  letters: Float64Array;
  positions: Float64Array;
  blocks: Block[];
  beforeScores: Norm;
  scores: Linear;
}

/** Un tenseur du modèle : son nom et sa forme, dans l'ordre où il est écrit. */
export type Tensor = [name: string, shape: number[]];

/** Les valeurs d'un réseau : les matrices élagables bout à bout, et le reste de même. */
export interface Values {
  prunable: Float64Array;
  others: Float64Array;
}

/** Le réseau dense : un entier par poids élagable, en pas de sa ligne ; le reste en réels. */
export interface Dense {
  scales: Float32Array;
  codes: Int8Array;
  others: Float64Array;
}

/** Un réseau compensé : les poids qu'il garde (un bit chacun), leurs déplacements, ses biais. */
export interface Moved {
  mask: Uint8Array;
  moves: Int16Array;
  biases: Float64Array;
}

/** Une méthode, et ses bits par lettre à chaque sparsité de l'explorateur, mesurés par Python. */
export interface WordMethod extends Look {
  note: string;
  bits: number[];
  /** Le réseau élagué de `percent` pour cent. */
  network: (percent: number) => WordModel;
}

/** Une mesure à laquelle comparer : « un modèle à trigrammes », ses bits par lettre. */
export interface Landmark {
  label: string;
  bits: number;
}

/** Ce que dit le fichier de données, avant ses tableaux. */
export interface WordHeader {
  alphabet: string;
  /** Lettres d'un mot, au plus. */
  longest: number;
  shape: { width: number; blocks: number; heads: number };
  prunable: Tensor[];
  others: Tensor[];
  /** Pas des valeurs de `others`. */
  step: number;
  /** Sparsités proposées, en pour cent. */
  percents: number[];
  /** Les réseaux compensés : leurs sparsités ; le pas de leurs déplacements, en pas du réseau
   * dense ; celui de leurs biais. */
  compensated: { percents: number[]; coarseness: number; step: number };
  methods: (Look & { note: string; bits: number[] })[];
  landmarks: Landmark[];
  wordCount: number;
  automaton: { states: number; edges: number; returns: number };
}

export interface WordFile {
  header: WordHeader;
  packed: string;
}

/** Tout ce que l'explorateur de mots sait. */
export interface WordData {
  alphabet: string;
  longest: number;
  percents: number[];
  wordCount: number;
  dense: WordModel;
  methods: WordMethod[];
  landmarks: Landmark[];
  /** Un mot est-il dans la liste ? Construit à la première demande. */
  exists: (letters: number[]) => boolean;
}

/** Ce que le lecteur règle, de même que les traits du widget Python. */
export interface WordState {
  sparsity: number;
  method: string;
  other: string;
  seed: number;
  prompt: string;
}

/** Un mot inventé : ses lettres, la surprise du réseau dense à chacune (en bits), s'il existe. */
export interface Invention {
  word: string;
  /** Nombre de lettres données au départ. */
  given: number;
  /** Une par lettre, et une pour la fin du mot, s'il n'a pas été coupé. */
  surprises: number[];
  exists: boolean;
}
