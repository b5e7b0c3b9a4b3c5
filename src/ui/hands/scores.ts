/** What a person has scored, by environment. The best of each stays in this browser. */
import { create } from "zustand";
import { stored } from "../state/stored.ts";

interface Scores {
  readonly of: Readonly<Record<string, { readonly last: number; readonly best: number }>>;
  add(env: string, score: number): void;
}

type Best = ReadonlyMap<string, number>;

/** Whatever is stored: what is no number is left out. */
function parseBest(text: string | null): Record<string, number> {
  try {
    const best: unknown = JSON.parse(text ?? "{}");
    if (typeof best !== "object" || best === null) return {};
    return Object.fromEntries(Object.entries(best).filter(([, x]) => typeof x === "number" && Number.isFinite(x)));
  } catch {
    return {};
  }
}

const kept = stored("cartpool:scores", parseBest);

/** What is known here with the best of what is stored. */
const withBest = (of: Scores["of"], best: Best): Scores["of"] => ({
  ...of,
  ...Object.fromEntries(
    [...best].map(([env, x]) => [env, { last: of[env]?.last ?? x, best: Math.max(x, of[env]?.best ?? x) }]),
  ),
});

const bestOf = (of: Record<string, number>): Best => new Map(Object.entries(of));

export const useScores = create<Scores>()((set) => ({
  of: withBest({}, bestOf(kept.read())),
  add: (env, score) => {
    const next = kept.change((best) => ({ ...best, [env]: Math.max(score, bestOf(best).get(env) ?? score) }));
    set(({ of }) => ({
      of: withBest({ ...of, [env]: { last: score, best: Math.max(score, of[env]?.best ?? score) } }, bestOf(next)),
    }));
  },
}));

kept.follow((best) => useScores.setState(({ of }) => ({ of: withBest(of, bestOf(best)) })));
