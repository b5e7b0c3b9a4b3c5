import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/ScrollArea.css";
import "@mantine/core/styles/InlineInput.css";
import "@mantine/core/styles/Switch.css";
import { Button, Modal, SegmentedControl, Slider, Switch } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { ActionComponent, Actions, Environment } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import { actingOf } from "../../runtime/plan/config.ts";
import type { RunPlan } from "../../runtime/plan/plan.ts";
import { useFocusBack } from "../parts/focusBack.ts";
import { plural, short } from "../parts/format.ts";
import { policy, useDrawnConfig } from "../runs/opened.ts";
import { usePage } from "../state/store.ts";
import { Controls } from "./controls.ts";
import classes from "./hands.module.css";
import { Physics } from "./Physics.tsx";
import { Stage } from "./Stage.tsx";
import { type Driver, drivers, hasMiddle, noTallies, Sandbox, type Tallies } from "./sandbox.ts";
import { useScores } from "./scores.ts";

const driverNames: Record<Driver, string> = { you: "You", policy: "The trained policy", chance: "Chance" };

/** The policy that was trained where this environment is one that it can play: it shows the same and takes the same actions. */
function useTrained(environment: Environment): Pick<RunPlan, "spec" | "acting"> | null {
  const drawn = useDrawnConfig();
  const { network } = policy();
  const faces = ({ observations, actions }: Environment) => JSON.stringify([observations, actions]);
  const fits = faces(envs[drawn.env]) === faces(environment);
  return useMemo(
    () => (network && fits ? { spec: network, acting: actingOf(drawn, network) } : null),
    [drawn, network, fits],
  );
}

/** What a person does, in words. */
function howToDrive(actions: Actions): string {
  if (actions.kind === "continuous")
    return `Hold ← or → for all of the ${actions.components[0].name}, or drag on the picture: the further from its middle, the more.`;
  const { names } = actions;
  const ends = `← for “${names[0]}”, → for “${names[names.length - 1]}”`;
  return hasMiddle(actions)
    ? `Hold ${ends}, neither for “${names[(names.length - 1) / 2]}”; or hold a side of the picture.`
    : `${ends}, or press on a side of the picture: the last direction holds.`;
}

/** What each of the drivers has done at best, and the person on other days. */
function Bests({ tallies, ever }: { tallies: Tallies; ever: number | null }) {
  const bests = drivers.flatMap((driver) => {
    const { best } = tallies[driver];
    return best === null ? [] : [`${driverNames[driver].toLowerCase()} ${short(best)}`];
  });
  const all = [...bests, ...(ever === null ? [] : [`you in this browser ${short(ever)}`])];
  return all.length > 0 && <p className={classes.muted}>{`Best: ${all.join(" · ")}`}</p>;
}

/** The controls as a slider, for a force that is neither all nor nothing. */
function Fine({ of, held, onChange }: { of: ActionComponent; held: number | null; onChange(to: number): void }) {
  const { name, symbol, unit, low, high } = of;
  const value = low + (((held ?? 0) + 1) / 2) * (high - low);
  return (
    <div className={classes.fine}>
      <span>
        {name} {symbol} <b>{short(Number(value.toFixed(2)))}</b> {unit}
      </span>
      <Slider
        size={3}
        thumbSize={18}
        min={low}
        max={high}
        step={(high - low) / 100}
        value={value}
        startPointValue={(low + high) / 2}
        onChange={(next) => onChange((2 * (next - low)) / (high - low) - 1)}
        label={null}
        thumbLabel={name}
        thumbValueText={`${short(Number(value.toFixed(2)))} ${unit}`}
      />
    </div>
  );
}

/** The world, who drives it, and its physics. */
function Playground({ environment }: { environment: Environment }) {
  const config = usePage((s) => s.config);
  const { actions, pushed, subject } = environment;
  const stage = useRef<HTMLButtonElement>(null);
  const score = useRef<HTMLElement>(null);
  const [driver, setDriver] = useState<Driver>("you");
  const [beside, setBeside] = useState(false);
  const [physics, setPhysics] = useState(config.values);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other physics go on in the same sandboxes
  const { sandbox, rival, controls } = useMemo(() => {
    const tallies = noTallies();
    const seed = 1 + Math.floor(performance.now());
    return {
      sandbox: new Sandbox(environment, config.values, seed, tallies),
      rival: new Sandbox(environment, config.values, seed + 1, tallies),
      controls: new Controls(hasMiddle(actions)),
    };
  }, [environment]);
  const trained = useTrained(environment);
  const ever = useScores((s) => s.of[environment.id]?.best ?? null);
  /** Whether the rival's episode is under way. */
  const races = useRef(false);
  const look = useCallback(
    () => ({ tally: sandbox.tally, waits: sandbox.waits, held: sandbox.held, tallies: { ...sandbox.tallies } }),
    [sandbox],
  );
  const [{ tally, waits, held, tallies }, setShown] = useState(look);
  const show = useCallback(() => setShown(look()), [look]);
  const isBeside = beside && driver === "you" && trained !== null;

  useEffect(() => {
    sandbox.values = physics;
    rival.values = physics;
  }, [sandbox, rival, physics]);

  /** A new episode of all who play. */
  const begin = useCallback(() => {
    controls.letGo();
    rival.restart(sandbox);
    races.current = isBeside;
    show();
  }, [controls, rival, sandbox, isBeside, show]);

  useEffect(() => {
    sandbox.driver = driver;
    rival.driver = "policy";
    const needs = driver === "policy" || isBeside;
    if (trained && needs) {
      const parameters = new Float32Array(trained.spec.size);
      if (policy().parameters(parameters) >= 0) for (const player of [sandbox, rival]) player.load(trained, parameters);
    }
    if (isBeside) sandbox.restart();
    begin();
  }, [sandbox, rival, driver, trained, isBeside, begin]);

  const step = () => {
    const moves = !sandbox.waits;
    if (sandbox.step()) {
      if (sandbox.driver === "you") useScores.getState().add(environment.id, sandbox.tally.last as number);
      begin();
    } else if (moves && races.current && rival.step()) {
      races.current = false;
      show();
    }
    if (score.current) score.current.textContent = short(sandbox.score);
  };
  const act = (does: () => void) => {
    does();
    sandbox.held = controls.held;
    show();
  };
  const press = (side: number) => sandbox.push(side * pushed.press);

  return (
    <>
      <SegmentedControl
        aria-label="Who drives"
        size="xs"
        value={driver}
        onChange={(next) => setDriver(next as Driver)}
        // Whoever points at a driver wants to play next; arrow keys, which choose here too, go on choosing.
        onClick={({ detail: pointed }) => pointed > 0 && setTimeout(() => stage.current?.focus())}
        transitionDuration={0}
        data={drivers.map((value) => ({
          value,
          label: driverNames[value],
          disabled: value === "policy" && trained === null,
        }))}
      />
      <p className={classes.muted}>
        <span>{environment.about}</span>{" "}
        <span>
          {driver === "you"
            ? howToDrive(actions)
            : `Push the ${subject.one} with the arrow keys, or press on the left or right.`}
        </span>
        <span>{trained === null && " Train first, and the policy can play too."}</span>
      </p>
      <div className={classes.world}>
        <Stage
          sandbox={sandbox}
          rival={isBeside && races.current ? rival : null}
          stage={stage}
          onStep={step}
          onKey={(side, down) => {
            if (driver === "you") act(() => (down ? controls.press(side) : controls.release(side)));
            else if (down) press(side);
          }}
          onDrag={(to, first) => {
            if (driver !== "you") {
              if (first && to !== null) press(Math.sign(to));
            } else if (hasMiddle(actions)) act(() => controls.drag(to));
            else if (first && to !== null) act(() => controls.press(to < 0 ? -1 : 1));
          }}
          onBlur={() =>
            act(() => {
              controls.release(-1);
              controls.release(1);
              controls.drag(null);
            })
          }
        />
        <p role="status" className={classes.prompt}>
          {waits && (
            <span>
              {tally.last === null
                ? "Press ← or → to begin, or touch a side"
                : `You scored ${short(tally.last)}. Press ← or → to go again, or touch a side`}
            </span>
          )}
        </p>
      </div>
      {actions.kind === "continuous" && driver === "you" && (
        <Fine of={actions.components[0]} held={held} onChange={(to) => act(() => controls.rest(to))} />
      )}
      <div className={classes.scores}>
        <p>
          score <b ref={score}>0</b> · last <b>{short(tally.last)}</b> · best <b>{short(tally.best)}</b> ·{" "}
          {plural(tally.episodes, "episode")}
        </p>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            sandbox.restart();
            begin();
            stage.current?.focus();
          }}
        >
          Start again
        </Button>
        {driver === "you" && trained && (
          <Switch
            size="xs"
            label="the policy beside you"
            checked={beside}
            onChange={(e) => setBeside(e.currentTarget.checked)}
          />
        )}
      </div>
      <Bests tallies={tallies} ever={ever} />
      <Physics of={environment} values={physics} onChange={setPhysics} />
    </>
  );
}

/** One copy for a person to play, to push, and to change the physics of, under the policy that was just trained. */
export default function HandsPanel({ onClose }: { onClose(): void }) {
  useFocusBack();
  const environment: Environment = envs[usePage((s) => s.config.env)];
  return (
    // Without Modal.Header, which would be a second banner of the page.
    <Modal.Root opened onClose={onClose} size="min(720px, 96vw)" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          <div className={classes.head}>
            <Modal.Title>{`Hands on ${environment.id}`}</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </div>
          <Playground key={environment.id} environment={environment} />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
