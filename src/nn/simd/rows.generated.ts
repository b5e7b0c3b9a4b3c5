/** Scratch arrays of the row functions, by npm run kernels: outputs that they are as long as, or numbers. */
export const scratchOf: Readonly<Record<string, readonly (string | number)[]>> = {
  actorCritic: ["logits", "logits"],
  gaussianActorCritic: [],
};
