// Who is signed in, and asking the server as them.

// A token lasts a day; one that has less than this left is exchanged, so that whoever comes daily stays signed in.
const RENEW_BEFORE_MS = 12 * 3_600_000;

export const token = () => localStorage.getItem("accessToken");
export const keepToken = (given) => localStorage.setItem("accessToken", given);

// The answer, with its age and what it stands in for where the service worker had to give an earlier one. What is
// refused is thrown, with its status and how long the server wants to be left alone.
export async function ask(path, options = {}) {
  const headers = { accept: "application/json", ...(token() && { authorization: `Bearer ${token()}` }), ...options.headers };
  const answer = await fetch(path, { ...options, headers });
  if (answer.status === 401 && token()) await signOut();
  const header = (name) => answer.headers.get(name);
  const told = { status: Number(header("x-instead-of") ?? answer.status), retryAfterMs: 1000 * (Number(header("retry-after")) || 0) };
  if (!answer.ok) throw Object.assign(new Error(answer.statusText), told);
  return { body: await answer.json(), savedAt: header("x-saved-at"), ...told };
}

let renewing = null;

// Exchanges the token when its end is near. Where that fails it goes on with the one it has: if that is no longer
// good either, the next answer is 401.
export function renew() {
  renewing ??= exchange().catch(() => {}).finally(() => { renewing = null; });
  return renewing;
}

async function exchange() {
  const old = token();
  if (!old || endsAt(old) - Date.now() > RENEW_BEFORE_MS) return;
  const headers = { authorization: `Bearer ${old}` };
  const answer = await fetch("/auth/refresh", { method: "POST", headers });
  const given = await answer.json();
  // Meanwhile the user may have signed out.
  if (answer.ok && token() === old) keepToken(given.accessToken);
}

function endsAt(jwt) {
  try {
    const claims = jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    return JSON.parse(atob(claims)).exp * 1000;
  } catch {
    return 0;
  }
}

// Nothing of the user's stays: neither the token nor what the service worker kept, and the page, out of sight until
// then, begins anew, so that nothing is left in it and no answer under way comes into it. The server is told, and
// nothing waits for it.
export async function signOut() {
  document.body.hidden = true;
  const headers = { authorization: `Bearer ${token()}` };
  localStorage.removeItem("accessToken");
  fetch("/auth/logout", { method: "POST", headers, keepalive: true }).catch(() => {});
  await caches.delete("exstrat-data");
  location.replace("/");
}
