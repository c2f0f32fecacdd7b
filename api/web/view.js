// The dashboard as elements. Nothing here asks a server, and no text is ever read as HTML.

const element = (name, properties = {}, ...children) => {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
};
const shape = (name, attributes, ...children) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
};
const find = (id) => document.getElementById(id);
const sign = (number) => (number < 0 ? "down" : "up");

export function show(dashboard, targets, words, language) {
  const money = new Intl.NumberFormat(language, { style: "currency", currency: "USD" });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 8 });
  const gained = new Intl.NumberFormat(language, { style: "currency", currency: "USD", signDisplay: "exceptZero" });
  const rate = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2, signDisplay: "exceptZero" });
  const share = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 0 });
  const gain = (amount, percentage) => `${gained.format(amount)} (${rate.format(percentage / 100)})`;
  const list = (id, items, render) =>
    find(id).replaceChildren(...(items.length ? items.map(render) : [element("li", { textContent: words.none })]));

  const { totals } = dashboard;
  find("totals").replaceChildren(
    element("dt", { textContent: words.invested }), element("dd", { textContent: money.format(totals.investedAmount) }),
    element("dt", { textContent: words.value }), element("dd", { textContent: money.format(totals.currentValue) }),
    element("dt", { textContent: words.profit }), element("dd", { textContent: gain(totals.profitLoss, totals.profitLossPercentage), className: sign(totals.profitLoss) }));
  list("portfolios", dashboard.portfolios, (it) =>
    element("li", {}, element("span", { textContent: it.name }),
      element("span", {}, element("small", { textContent: words.tokens(it.holdingsCount) }), ` ${money.format(valueOf(it, dashboard.holdings))}`)));
  find("holdings").replaceChildren(
    element("thead", {}, element("tr", {}, ...["token", "quantity", "price", "value", "profit"].map((key) =>
      element("th", { scope: "col", textContent: words[key] })))),
    element("tbody", {}, ...dashboard.holdings.map((it) => element("tr", {},
      element("td", {}, element("strong", { textContent: it.token.symbol }), ` ${it.token.name}`),
      element("td", { textContent: number.format(it.quantity) }),
      element("td", { textContent: money.format(it.currentPrice ?? it.averagePrice) }),
      element("td", { textContent: money.format(it.currentValue) }),
      element("td", { textContent: gain(it.profitLoss, it.profitLossPercentage), className: sign(it.profitLoss) })))));
  list("strategies", dashboard.strategies, (it) =>
    element("li", {}, element("span", { textContent: `${it.name} · ${it.portfolio.name}` }),
      element("small", { textContent: words.status[it.status] ?? it.status })));
  for (const { symbol, reached } of targets) {
    find("strategies").append(element("li", {}, element("span", { textContent: words.nearest(symbol) }),
      element("progress", { max: 1, value: reached, ariaLabel: words.nearest(symbol) }), element("small", { textContent: share.format(reached) })));
  }
  list("forecasts", dashboard.forecasts, (it) =>
    element("li", {}, element("span", { textContent: it.name }),
      element("small", { className: sign(it.summary.totalProfit), textContent: gain(it.summary.totalProfit, it.summary.returnPercentage) })));
  chart(dashboard.holdings, words, money);
}

const valueOf = (portfolio, holdings) =>
  holdings.reduce((sum, it) => (it.portfolioId === portfolio.id ? sum + it.currentValue : sum), 0);

function chart(holdings, words, money) {
  const values = new Map();
  for (const { token, currentValue } of holdings) values.set(token.symbol, (values.get(token.symbol) ?? 0) + currentValue);
  const largest = [...values].sort(([, a], [, b]) => b - a).slice(0, 6);
  const top = Math.max(1, ...largest.map(([, value]) => value));
  const bars = largest.flatMap(([symbol, value], row) => [
    shape("text", { x: 0, y: row * 26 + 17 }, symbol),
    shape("rect", { x: 50, y: row * 26 + 4, width: Math.max(1, (value / top) * 250), height: 18, rx: 3 }),
    shape("text", { x: 58 + (value / top) * 250, y: row * 26 + 17 }, money.format(value)),
  ]);
  const title = `${words.chart}: ${largest.map(([symbol, value]) => `${symbol} ${money.format(value)}`).join(", ")}`;
  find("chart").setAttribute("viewBox", `0 0 400 ${Math.max(1, largest.length) * 26 + 4}`);
  find("chart").replaceChildren(shape("title", {}, title), ...bars);
}

// How near each token's next target is: the price as a share of the nearest target that it has not reached.
export function nearest(strategies, prices) {
  return strategies.flatMap(({ symbol, steps }) => {
    const price = prices.get(symbol);
    const next = steps.filter((step) => step.state === "pending" && step.targetPrice > price).map((step) => step.targetPrice);
    return price && next.length ? [{ symbol, reached: price / Math.min(...next) }] : [];
  });
}
