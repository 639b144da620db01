/* Combien de poids élaguer. */

const DECIMAL = /^(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/;

/** ⌊s·n + 1/2⌋, exact sur le décimal qu'on lit (0,29 de 100 donne 29), comme count_pruned.
 * @param {number} count
 * @param {number} sparsity dans [0, 1]
 */
export function countPruned(count, sparsity) {
  const parts = DECIMAL.exec(String(sparsity));
  if (!parts) throw new RangeError(`sparsité : reçu ${sparsity} ; attendu un nombre entre 0 et 1`);
  const [, whole, decimals = "", exponent = "0"] = parts;
  const scale = 10n ** BigInt(decimals.length - Number(exponent));
  return Number((2n * BigInt(count) * BigInt(whole + decimals) + scale) / (2n * scale));
}
