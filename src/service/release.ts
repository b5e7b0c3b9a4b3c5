/** What the build tells the service worker of the page that it built. */
export interface Release {
  /** Differs from release to release. */
  readonly name: string;
  /** What works without a connection, relative to the page: all panels and threads, without TensorFlow.js, which is kept once used. */
  readonly files: readonly string[];
  /** Of every response, for hosts that send none. */
  readonly headers: Readonly<Record<string, string>>;
}
