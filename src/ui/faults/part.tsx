/** Parts of the page that are fetched when they are first wanted. */
import { type ComponentType, type FunctionComponent, lazy } from "react";
import { inquire, restyle } from "./release.ts";

/** A part of the page could not be fetched. Until `askAgain` is called, it is not tried again. */
export class NotFetched extends Error {
  constructor(
    cause: unknown,
    readonly askAgain: () => void,
  ) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

/** A component in a chunk of its own. Stands within a `Boundary`, which waits for it and offers to try again. */
export function part<P extends object>(load: () => Promise<{ default: ComponentType<P> }>): FunctionComponent<P> {
  const ask = (): ComponentType<P> =>
    lazy(() =>
      restyle()
        .then(load)
        .catch((error) => {
          inquire();
          throw new NotFetched(error, () => {
            asked = ask();
          });
        }),
    ) as unknown as ComponentType<P>;
  let asked = ask();
  return function Part(props) {
    const Asked = asked;
    return <Asked {...props} />;
  };
}
