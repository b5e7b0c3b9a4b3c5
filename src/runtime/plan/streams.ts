/** Purposes of random streams: the first part of a stream's path after the seed. */
export const Stream = { world: 1, actions: 2, parameters: 3, evaluation: 4, finalEvaluation: 5 } as const;
