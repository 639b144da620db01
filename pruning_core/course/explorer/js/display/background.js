/* Des calculs faits par petits paquets, pour que la page reste vive. */

const SLICE = 12; // millisecondes : moins que le temps d'une image à l'écran

export class Background {
  #timer = 0;

  /** Fait les tâches dans l'ordre, puis `done` ; une nouvelle série remplace la précédente.
   * @param {(() => void)[]} tasks
   * @param {() => void} done
   */
  run(tasks, done) {
    this.stop();
    const waiting = [...tasks];
    const end = performance.now() + SLICE;
    do waiting.shift()?.();
    while (waiting.length && performance.now() < end);
    if (waiting.length) this.#timer = window.setTimeout(() => this.run(waiting, done));
    else done();
  }

  stop() {
    clearTimeout(this.#timer);
  }
}
