import { Button, Popover, TextInput } from "@mantine/core";
import { useEffect, useRef, useState } from "react";
import { algorithms } from "../../algorithms/index.ts";
import { type Shared, shareAddress } from "../address/address.ts";
import { SHAREABLE_LENGTH } from "../address/url.ts";
import { ShareIcon } from "../parts/icons.tsx";
import { fileName } from "../runs/fileName.ts";
import { handOver } from "../runs/save.ts";
import { type Embed, embedCode, embedParts } from "../state/embed.ts";
import classes from "./topbar.module.css";

/** A page that opens the run, for addresses that programs would cut off. */
function saveAsFile(address: string): Promise<string | null> {
  const href = address.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
  const content = `<!doctype html><meta charset="utf-8"><title>Cartpool run</title><a href="${href}">Open this Cartpool run</a>\n`;
  return handOver("The link", () => [{ name: fileName("run", "html"), content, type: "text/html" }]);
}

const number = (n: number) => n.toLocaleString("en");

type Outcome = "copied" | "refused";

const copy = (address: string): Promise<Outcome> =>
  navigator.clipboard
    ? navigator.clipboard.writeText(address).then(
        () => "copied" as const,
        () => "refused" as const,
      )
    : Promise.resolve("refused");

/** What whoever opens the link finds. */
function promise({ carries, algo, missing }: Shared): string {
  if (carries === "configuration")
    return "The link carries the configuration only. Once a run has been trained here, its curve goes along.";
  if (carries === "controls")
    return "The controls no longer show the run on screen: the link carries their configuration, and no curve.";
  if (carries === "unpacked")
    return "The link carries the configuration of the run only: the part of the page that adds its curve could not be fetched. Try again when you are online.";
  if (missing > 0)
    return `Whoever opens it sees this curve and can race it. ${number(missing)} of its live changes do not fit into a link, so nobody can repeat it bit for bit.`;
  return {
    lockstep:
      "Whoever opens it sees this curve and can repeat the run: bit for bit on the SIMD kernels, in every browser.",
    asynchronous:
      "Whoever opens it sees this curve and can race it with the same configuration; an asynchronous run never repeats exactly.",
  }[algorithms[algo].synchrony];
}

/** Copies the address of what the controls show; where the browser refuses, shows it selected. */
export function Share() {
  const [parts, setParts] = useState<Embed>(embedParts);
  const [shown, setShown] = useState<(Shared & { outcome: Outcome }) | null>(null);
  const [refusal, setRefusal] = useState<string | null>(null);
  const share = async (of?: "run") => {
    setRefusal(null);
    const shared = await shareAddress(of);
    setShown({ ...shared, outcome: await copy(shared.address) });
  };
  const field = useRef<HTMLInputElement>(null);
  // Another address is selected again.
  useEffect(() => {
    if (shown) field.current?.focus();
    field.current?.select();
  }, [shown]);
  const length = shown?.address.length ?? 0;
  const isLong = length > SHAREABLE_LENGTH;
  return (
    <Popover
      width={340}
      position="bottom-end"
      withArrow
      shadow="sm"
      trapFocus
      returnFocus
      opened={shown !== null}
      onChange={(open) => !open && setShown(null)}
    >
      <Popover.Target>
        <Button
          variant="default"
          h={32}
          px={10}
          leftSection={<ShareIcon />}
          className={classes.share}
          aria-label="Share"
          onClick={() => (shown ? setShown(null) : void share())}
        >
          Share
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Share this run">
        <p role="status">
          <span>
            {shown?.outcome === "copied"
              ? "Copied. "
              : "The browser did not allow copying. The address is selected: copy it with the keyboard. "}
          </span>
          <span>{shown && promise(shown)}</span>
        </p>
        {shown?.carries === "controls" && (
          <Button mt={8} size="xs" variant="default" onClick={() => void share("run")}>
            Share the run on screen instead
          </Button>
        )}
        <TextInput
          mt={8}
          readOnly
          ref={field}
          aria-label="Address of this run"
          value={shown?.address ?? ""}
          data-autofocus
          onFocus={(e) => e.currentTarget.select()}
        />
        <p className={classes.aside}>
          {isLong
            ? `${number(length)} characters: over ${number(SHAREABLE_LENGTH)}, some programs cut it off. Send it as a file instead.`
            : `${number(length)} of ${number(SHAREABLE_LENGTH)} characters`}
        </p>
        {isLong && shown && (
          <Button mt={8} size="xs" variant="default" onClick={() => void saveAsFile(shown.address).then(setRefusal)}>
            Save as a file
          </Button>
        )}
        {refusal && <p role="alert">{refusal}</p>}
        <details className={classes.embed}>
          <summary>For a page or slide</summary>
          <div className={classes.parts}>
            {embedParts.map((part) => (
              <label key={part}>
                <input
                  type="checkbox"
                  checked={parts.includes(part)}
                  onChange={() => setParts(embedParts.filter((p) => (p === part) !== parts.includes(p)))}
                />
                {part}
              </label>
            ))}
          </div>
          <TextInput
            readOnly
            aria-label="Code for a page"
            value={parts.length > 0 && shown ? embedCode(shown.address, parts) : ""}
            onFocus={(e) => e.currentTarget.select()}
          />
        </details>
      </Popover.Dropdown>
    </Popover>
  );
}
