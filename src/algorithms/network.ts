/** Hyperparameters of the networks of all algorithms, and what an algorithm says of its networks. */
import { choice, type Values, widths } from "../core/params.ts";
import { activations, type NetworkSpec } from "../nn/graph.ts";

export const networkParams = {
  hidden: widths({
    label: "Hidden layers",
    group: "network",
    default: [64],
    maxLayers: 4,
    maxWidth: 512,
    help: "Widths of the hidden layers, such as 64,64.",
  }),
  activation: choice(activations, {
    label: "Activation",
    group: "network",
    default: "tanh",
    help: "Nonlinearity after every hidden layer.",
  }),
};

export type NetworkValues = Values<typeof networkParams>;

/** The networks of an algorithm by name, in one flat vector. `policy` is the one that actors run. */
export interface Networks {
  readonly policy: NetworkSpec;
}
