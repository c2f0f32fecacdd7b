// The dashboard's page: signs in, loads, listens, and goes on offline with what it had.

import { nearest, show } from "/view.js";
import { languages, wordsOf } from "/words.js";

const find = (id) => document.getElementById(id);
const state = { dashboard: null, strategies: [], prices: new Map(), savedAt: null, socket: null };
const language = () => localStorage.getItem("language") ?? languages.find((it) => navigator.language.startsWith(it)) ?? "en";
const token = () => localStorage.getItem("accessToken");

async function ask(path, options = {}) {
  const headers = { accept: "application/json", ...(token() && { authorization: `Bearer ${token()}` }), ...options.headers };
  const answer = await fetch(path, { ...options, headers });
  if (answer.status === 401 && token()) await signOut();
  if (!answer.ok) throw Object.assign(new Error(answer.statusText), { status: answer.status });
  return { body: await answer.json(), savedAt: answer.headers.get("x-saved-at") };
}

async function load() {
  const [dashboard, strategies, prices] = await Promise.all([
    ask("/dashboard"), ask("/strategies?limit=100"), ask("/public/prices")]);
  state.dashboard = dashboard.body;
  state.strategies = strategies.body.strategies;
  state.savedAt = dashboard.savedAt;
  takePrices(prices.body);
}

function takePrices(prices) {
  for (const { symbol, price } of prices) state.prices.set(symbol, price);
  for (const holding of state.dashboard?.holdings ?? []) {
    const price = state.prices.get(holding.token.symbol);
    if (price !== undefined) revalue(holding, price);
  }
  draw();
}

function revalue(holding, price) {
  const { totals } = state.dashboard;
  const before = holding.currentValue;
  Object.assign(holding, { currentPrice: price, currentValue: holding.quantity * price });
  for (const [it, value] of [[holding, holding.currentValue], [totals, totals.currentValue + holding.currentValue - before]]) {
    it.currentValue = value;
    it.profitLoss = value - it.investedAmount;
    it.profitLossPercentage = it.investedAmount ? (it.profitLoss / it.investedAmount) * 100 : 0;
  }
}

function draw() {
  const words = wordsOf(language());
  document.documentElement.lang = language();
  find("language").value = language();
  for (const it of document.querySelectorAll("[data-text]")) it.textContent = words[it.dataset.text];
  const isIn = Boolean(token() && state.dashboard);
  find("sign-in").hidden = Boolean(token());
  find("dashboard").hidden = find("sign-out").hidden = !isIn;
  find("age").hidden = !(isIn && state.savedAt);
  if (state.savedAt) find("age").textContent = words.offline(new Date(state.savedAt).toLocaleString(language()));
  if (isIn) show(state.dashboard, nearest(state.strategies, state.prices), words, language());
}

function listen(retryMs = 1000) {
  if (!token()) return;
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/ws`, ["bearer", token()]);
  let againMs = retryMs;
  state.socket = socket;
  socket.onopen = () => { againMs = 1000; };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "prices") takePrices(message.prices);
    if (message.type === "changed") load().catch(() => {});
    if (message.type === "reconnect") againMs = message.afterMs;
  };
  socket.onclose = () => {
    if (state.socket === socket) setTimeout(() => listen(Math.min(againMs * 2, 60_000)), againMs);
  };
}

async function signIn(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  find("problem").textContent = "";
  try {
    const body = JSON.stringify({ email: form.get("email"), password: form.get("password") });
    const signedIn = await ask("/auth/signin", { method: "POST", headers: { "content-type": "application/json" }, body });
    localStorage.setItem("accessToken", signedIn.body.accessToken);
    event.target.reset();
    await start();
  } catch (error) {
    const words = wordsOf(language());
    find("problem").textContent = words.refused[error.status] ?? words.failed;
  }
}

// Nothing of the user's stays: neither the token nor what the service worker kept, and the page begins anew, so that
// nothing is left in it and no answer under way comes into it.
async function signOut() {
  localStorage.removeItem("accessToken");
  await caches.delete("exstrat-data");
  location.replace("/");
}

async function start() {
  await load();
  listen();
}

find("sign-in").addEventListener("submit", signIn);
find("sign-out").addEventListener("click", signOut);
find("language").addEventListener("change", ({ target }) => { localStorage.setItem("language", target.value); draw(); });
addEventListener("online", () => token() && load().catch(() => {}));
addEventListener("offline", () => token() && load().catch(() => {}));
await navigator.serviceWorker?.register("/service-worker.js", { type: "module" });
draw();
if (token()) await start().catch(() => draw());
