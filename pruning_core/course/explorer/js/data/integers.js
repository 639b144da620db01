/* Entiers écrits en lettres (integers.py) : cinq bits par lettre, le sixième dit si l'entier continue. */

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const BASE = 32;
// Les lettres sans sixième bit, de A à f, terminent un entier.
const ONE_INTEGER = /[^A-Za-f]*[A-Za-f]/g;

/** @param {string} letters */
function readInteger(letters) {
  const value = [...letters].reduceRight(
    (high, letter) => BASE * high + (LETTERS.indexOf(letter) % BASE),
    0,
  );
  return (value >>> 1) ^ -(value & 1); // le signe est dans le bit de poids faible
}

/** Relit les entiers relatifs écrits par `write_integers`.
 * @param {string} text
 * @returns {number[]}
 */
export const readIntegers = (text) => (text.match(ONE_INTEGER) ?? []).map(readInteger);
