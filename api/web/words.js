// What the page says, in the languages that it speaks.

const words = {
  en: {
    language: "Language", signIn: "Sign in", signOut: "Sign out", email: "Email address", password: "Password",
    totals: "All portfolios", invested: "Invested", value: "Value", profit: "Profit or loss", portfolios: "Portfolios",
    holdings: "Holdings", token: "Token", quantity: "Quantity", price: "Price", strategies: "Strategies",
    forecasts: "Forecasts", chart: "What each token is worth", none: "Nothing yet", tokens: (n) => `${n} ${n === 1 ? "token" : "tokens"}`,
    loading: "Loading…", trouble: "Not everything could be loaded. It is tried again by itself.", again: "Try again now",
    asOf: (age) => `As of ${age}`, offline: (age) => `Offline: as of ${age}`, failed: "That did not work. Please try again.",
    refused: { 401: "The email address or the password is wrong.", 429: "Too many attempts. Please wait a little." },
    nearest: (symbol) => `Nearest target: ${symbol}`,
    status: { draft: "draft", active: "active", paused: "paused", completed: "completed" },
  },
  fr: {
    language: "Langue", signIn: "Se connecter", signOut: "Se déconnecter", email: "Adresse e-mail", password: "Mot de passe",
    totals: "Tous les portefeuilles", invested: "Investi", value: "Valeur", profit: "Gain ou perte", portfolios: "Portefeuilles",
    holdings: "Positions", token: "Jeton", quantity: "Quantité", price: "Prix", strategies: "Stratégies",
    forecasts: "Prévisions", chart: "Ce que vaut chaque jeton", none: "Rien pour l’instant", tokens: (n) => `${n} ${n < 2 ? "jeton" : "jetons"}`,
    loading: "Chargement…", trouble: "Tout n’a pas pu être chargé. Un nouvel essai se fera de lui-même.", again: "Réessayer maintenant",
    asOf: (age) => `Données du ${age}`, offline: (age) => `Hors ligne : données du ${age}`, failed: "Cela n’a pas fonctionné. Veuillez réessayer.",
    refused: { 401: "L’adresse e-mail ou le mot de passe est incorrect.", 429: "Trop de tentatives. Veuillez patienter un peu." },
    nearest: (symbol) => `Objectif le plus proche : ${symbol}`,
    status: { draft: "brouillon", active: "active", paused: "en pause", completed: "terminée" },
  },
};

export const languages = Object.keys(words);
export const wordsOf = (language) => words[language] ?? words.en;
