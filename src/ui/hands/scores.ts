/** What a person has scored, by environment. The best of each stays in this browser. */
import { create } from "zustand";

interface Scores {
  readonly of: Readonly<Record<string, { readonly last: number; readonly best: number }>>;
  add(env: string, score: number): void;
}

const KEY = "cartpool:scores";

function stored(): Scores["of"] {
  try {
    const best: unknown = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    if (typeof best !== "object" || best === null) return {};
    const known = Object.entries(best).filter(([, x]) => typeof x === "number" && Number.isFinite(x));
    return Object.fromEntries(known.map(([env, x]) => [env, { last: x, best: x }]));
  } catch {
    return {};
  }
}

export const useScores = create<Scores>()((set) => ({
  of: stored(),
  add: (env, score) =>
    set(({ of }) => {
      const next = { ...of, [env]: { last: score, best: Math.max(score, of[env]?.best ?? score) } };
      try {
        localStorage.setItem(
          KEY,
          JSON.stringify(Object.fromEntries(Object.entries(next).map(([e, s]) => [e, s.best]))),
        );
      } catch {
        // A browser that stores nothing for this site: the scores last as long as the page.
      }
      return { of: next };
    }),
}));
