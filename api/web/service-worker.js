// Keeps the page's own files, and the user's last data for when there is no network or no answer. What is kept of a user is only
// ever their own last answers in their own browser; the page deletes it when they sign out.

const FILES = "exstrat-files-3";
const DATA = "exstrat-data";
const OWN = ["/", "/app.css", "/app.js", "/loading.js", "/session.js", "/view.js", "/words.js"];
const KEPT = ["/dashboard", "/strategies", "/public/prices"];

addEventListener("install", (event) => {
  event.waitUntil(caches.open(FILES).then((cache) => cache.addAll(OWN)).then(() => self.skipWaiting()));
});

addEventListener("activate", (event) => {
  const old = (name) => name !== FILES && name !== DATA;
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter(old).map((name) => caches.delete(name))))
    .then(() => self.clients.claim()));
});

addEventListener("fetch", (event) => {
  const { pathname, origin } = new URL(event.request.url);
  if (event.request.method !== "GET" || origin !== location.origin) return;
  if (OWN.includes(pathname)) event.respondWith(fresh(event.request, FILES));
  if (KEPT.includes(pathname)) event.respondWith(fresh(event.request, DATA));
});

// The network's answer, kept; without a network, or where the server has too much to do, what was kept, with its age.
async function fresh(request, name) {
  const cache = await caches.open(name);
  const kept = () => cache.match(request, { ignoreVary: true });
  try {
    const answer = await fetch(request);
    if (answer.ok) await keep(cache, request, answer.clone());
    if (answer.status !== 429 && answer.status < 500) return answer;
    return insteadOf(answer, await kept());
  } catch (error) {
    const found = await kept();
    if (!found) throw error;
    return found;
  }
}

// What was kept, saying for which answer it stands, so that the page asks again when it may.
function insteadOf(answer, found) {
  if (!found) return answer;
  const headers = new Headers(found.headers);
  headers.set("x-instead-of", answer.status);
  if (answer.headers.has("retry-after")) headers.set("retry-after", answer.headers.get("retry-after"));
  return new Response(found.body, { status: found.status, headers });
}

async function keep(cache, request, answer) {
  const headers = new Headers(answer.headers);
  headers.set("x-saved-at", new Date().toISOString());
  await cache.put(request, new Response(await answer.blob(), { status: answer.status, headers }));
}
