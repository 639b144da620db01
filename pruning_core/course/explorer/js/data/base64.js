/* Tableaux en base64, petit-boutistes, comme les écrit packing.py. */

/** @param {string} text */
export function readBytes(text) {
  const characters = atob(text);
  // Une boucle : « from » est dix fois plus lent sur un million d'octets.
  const bytes = new Uint8Array(characters.length);
  for (let i = 0; i < characters.length; i++) bytes[i] = characters.charCodeAt(i);
  return bytes;
}

/** @param {string} text */
export const readFloats = (text) => new Float32Array(readBytes(text).buffer);
