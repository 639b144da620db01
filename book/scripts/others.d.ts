/* Ce que les scripts du site demandent à ceux des autres. */

/** De reveal.js, pour deck.js. */
declare const Reveal: {
  initialize(options: Record<string, unknown>): Promise<void>;
  isPrintView(): boolean;
  getCurrentSlide(): HTMLElement;
  on(name: string, then: () => void): void;
};

/** De Sphinx, pour opening.js. */
declare const DOCUMENTATION_OPTIONS: { SHOW_SEARCH_SUMMARY: boolean };

/** Du thème, pour opening.js. */
declare function toggleFullScreen(): void;
