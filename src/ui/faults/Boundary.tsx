/** Keeps a fault where it is met: the rest of the page stays, and a person can try again, reload or report it. */
import { Alert, Button } from "@mantine/core";
import { Component, type ErrorInfo, type ReactNode, Suspense, useState } from "react";
import { encodeRun } from "../address/url.ts";
import { usePage } from "../state/store.ts";
import { NotFetched } from "./part.tsx";
import { releaseName, useRelease } from "./release.ts";
import { type Fault, faultWords, reportOn } from "./words.ts";

/** Milliseconds that keeping the run may take before a reload. */
const PATIENCE = 5000;

/** Reloads once the run under way is kept. */
export async function reloadKept(): Promise<void> {
  const kept = import("../runs/recorder.ts").then(({ keepNow }) => keepNow());
  await Promise.race([kept, new Promise((done) => setTimeout(done, PATIENCE))]).catch(() => {});
  location.reload();
}

interface FaultCardProps {
  name: string;
  fault: Fault;
  place: "here" | "over";
  onRetry(): void;
  onClose?(): void;
}

function FaultCard({ name, fault, place, onRetry, onClose }: FaultCardProps) {
  const reason = useRelease((s) => s.reason);
  const [report, setReport] = useState<{ text: string; copied: boolean } | null>(null);
  const outdated = reason === "newer" && fault.error instanceof NotFetched;
  const { title, text } = faultWords(name, fault.error, reason);
  const copy = async () => {
    const query = encodeRun(usePage.getState().config);
    const said = reportOn(name, fault, { release: releaseName(), browser: navigator.userAgent, query });
    const copied = await navigator.clipboard?.writeText(said).then(
      () => true,
      () => false,
    );
    setReport({ text: said, copied: copied === true });
  };
  return (
    <Alert
      className="notice fault"
      data-place={place}
      color="red"
      variant="light"
      role="alert"
      title={title}
      withCloseButton={onClose !== undefined}
      closeButtonLabel="Dismiss"
      onClose={onClose}
    >
      <p>{text}</p>
      <div>
        <Button size="compact-xs" variant={outdated ? "default" : "filled"} onClick={onRetry}>
          Try again
        </Button>
        <Button size="compact-xs" variant={outdated ? "filled" : "default"} onClick={() => void reloadKept()}>
          Reload
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => void copy()}>
          {report?.copied ? "Copied" : "Copy the message"}
        </Button>
      </div>
      {report && !report.copied && <textarea readOnly aria-label="Message for a report" rows={6} value={report.text} />}
    </Alert>
  );
}

interface BoundaryProps {
  /** What it holds, in the middle of a sentence: "the actors". */
  of: string;
  /** Shown while a part of it is fetched. */
  waiting?: ReactNode;
  /** For what a person has opened and can close. */
  onClose?(): void;
  /** Where its fault is shown: in its place, or for a dialog, which has none, over the page. */
  place?: "here" | "over";
  children: ReactNode;
}

const askAgain = (fault: Fault | null) => fault?.error instanceof NotFetched && fault.error.askAgain();

export class Boundary extends Component<BoundaryProps, { fault: Fault | null }> {
  override state: { fault: Fault | null } = { fault: null };

  static getDerivedStateFromError = (error: unknown) => ({ fault: { error, components: "" } });

  override componentDidCatch(error: unknown, { componentStack }: ErrorInfo): void {
    this.setState({ fault: { error, components: componentStack ?? "" } });
  }

  override componentWillUnmount(): void {
    askAgain(this.state.fault);
  }

  private readonly retry = () => {
    askAgain(this.state.fault);
    this.setState({ fault: null });
  };

  private readonly close = () => {
    this.retry();
    this.props.onClose?.();
  };

  override render(): ReactNode {
    const { of, waiting, onClose, place = "here", children } = this.props;
    const { fault } = this.state;
    if (fault === null) return <Suspense fallback={waiting}>{children}</Suspense>;
    return <FaultCard name={of} fault={fault} place={place} onRetry={this.retry} onClose={onClose && this.close} />;
  }
}
