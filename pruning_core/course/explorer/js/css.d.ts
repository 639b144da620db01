/* Une feuille de style importée est son texte (book/scripts/build.cjs). */
declare module "*.css" {
  const text: string;
  export default text;
}
