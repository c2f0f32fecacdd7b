const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const described = (title, value) =>
  value ? [element("h4", { textContent: title }), element("pre", { textContent: JSON.stringify(value, null, 2) })] : [];
const operation = (path, method, it) =>
  element("details", {},
    element("summary", { className: it.security ? "lock" : "" },
      element("code", { className: "method", textContent: method.toUpperCase() }),
      element("code", { textContent: path }), ` ${it.summary ?? ""}`),
    ...described("Parameters", it.parameters),
    ...described("Body", it.requestBody?.content),
    ...described("Answers", it.responses));

const api = await (await fetch("/openapi.json")).json();
document.querySelector("#about").textContent = api.info.description;
document.querySelector("#operations").replaceChildren(
  ...Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, it]) => operation(path, method, it))),
  element("h2", { textContent: "Shapes" }),
  ...Object.entries(api.components.schemas).map(([name, schema]) =>
    element("details", {}, element("summary", { textContent: name }), element("pre", { textContent: JSON.stringify(schema, null, 2) }))));
