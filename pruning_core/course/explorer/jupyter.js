/* La porte de Jupyter (anywidget) : les traits vont et viennent entre la page et le noyau.
 * Python met ce module à la suite de explorer.js. */
const SETTINGS = ["sparsity", "method", "scope"];
const SHARED = [...SETTINGS, "accuracy", "loss", "kept"];

async function render({ model, el }) {
  const { complete, mount } = globalThis.PruningExplorer;
  const host = el.appendChild(document.createElement("div"));
  const read = () => Object.fromEntries(SETTINGS.map((key) => [key, model.get(key)]));
  let [timer, sending] = [0, false];
  const bridge = {
    set(values) {
      sending = true;
      for (const key of SHARED) model.set(key, values[key]);
      sending = false;
      clearTimeout(timer);
      timer = setTimeout(() => model.save_changes(), 80);
    },
    listen: (apply) => SETTINGS.forEach((key) => model.on(`change:${key}`, () => sending || apply(read()))),
  };
  const raw = await complete(JSON.parse(model.get("_data")));
  return mount(host, { ...raw, state: read() }, bridge);
}

export default { render };
