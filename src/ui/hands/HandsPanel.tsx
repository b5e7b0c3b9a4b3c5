import "@mantine/core/styles/Paper.css";
import "@mantine/core/styles/Overlay.css";
import "@mantine/core/styles/ModalBase.css";
import "@mantine/core/styles/Modal.css";
import "@mantine/core/styles/ScrollArea.css";
import { Button, Modal, SegmentedControl, Slider, useComputedColorScheme } from "@mantine/core";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Environment } from "../../envs/environment.ts";
import { envs } from "../../envs/index.ts";
import { actingOf } from "../../runtime/plan/config.ts";
import { colours } from "../actors/colours.ts";
import { drawScene } from "../actors/draw.ts";
import { useFocusBack } from "../parts/focusBack.ts";
import { NOTHING, plural, short } from "../parts/format.ts";
import { okabeIto } from "../parts/palette.ts";
import { policy, useDrawnConfig } from "../runs/opened.ts";
import { usePage } from "../state/store.ts";
import classes from "./hands.module.css";
import { type Driver, drivers, Sandbox } from "./sandbox.ts";
import { useScores } from "./scores.ts";

const WIDTH = 640;
/** Steps of the world that are made up for at most, after a pause of the page. */
const MOST_STEPS = 5;
const driverNames: Record<Driver, string> = { you: "You", policy: "The trained policy", chance: "Chance" };

/** Whether a policy of one environment can act in the other. */
const isSameTask = (one: Environment, other: Environment): boolean =>
  JSON.stringify([one.observations, one.actions]) === JSON.stringify([other.observations, other.actions]);

/** The pole, who drives it, and its physics. */
function Playground() {
  const config = usePage((s) => s.config);
  const environment = envs[config.env] as Environment;
  const scheme = useComputedColorScheme("light");
  const canvas = useRef<HTMLCanvasElement>(null);
  const stage = useRef<HTMLButtonElement>(null);
  const score = useRef<HTMLElement>(null);
  const [driver, setDriver] = useState<Driver>("you");
  const [physics, setPhysics] = useState(config.values);
  // biome-ignore lint/correctness/useExhaustiveDependencies: other physics go on in the same sandbox
  const sandbox = useMemo(
    () => new Sandbox(environment, config.values, 1 + Math.floor(performance.now())),
    [environment],
  );
  const [{ tally, waits }, setShown] = useState({ tally: sandbox.tally, waits: sandbox.waits });
  const { network } = policy();
  const drawn = useDrawnConfig();
  const trained = network !== null && isSameTask(envs[drawn.env], environment) ? network : null;
  const height =
    (WIDTH * (environment.view.top - environment.view.bottom)) / (environment.view.right - environment.view.left);

  useEffect(() => {
    sandbox.values = physics;
  }, [sandbox, physics]);

  const show = useCallback(() => setShown({ tally: sandbox.tally, waits: sandbox.waits }), [sandbox]);

  useEffect(() => {
    sandbox.driver = driver;
    show();
    if (driver !== "policy" || !trained) return;
    const parameters = new Float32Array(trained.size);
    if (policy().parameters(parameters) >= 0)
      sandbox.load({ spec: trained, acting: actingOf(drawn, trained) }, parameters);
  }, [sandbox, driver, trained, drawn, show]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    let frame = 0;
    let before = performance.now();
    let owed = 0;
    const loop = (now: number) => {
      frame = requestAnimationFrame(loop);
      owed = Math.min(owed + (now - before) / 1000, MOST_STEPS * environment.secondsPerStep);
      before = now;
      for (; owed >= environment.secondsPerStep; owed -= environment.secondsPerStep)
        if (sandbox.step()) {
          show();
          if (sandbox.driver === "you") useScores.getState().add(environment.id, sandbox.tally.last as number);
        }
      if (score.current) score.current.textContent = String(sandbox.score);
      const scene = {
        view: environment.view,
        first: environment.sketch(sandbox.state, sandbox.values as never),
        ghosts: 0,
        ghost: () => [],
        colour: okabeIto.blue,
        colours: colours[scheme],
      };
      drawScene(context, scene, WIDTH, height, 1);
    };
    frame = requestAnimationFrame(loop);
    return () => cancelAnimationFrame(frame);
  }, [sandbox, environment, scheme, height, show]);

  const hold = (side: -1 | 1) => {
    if (driver !== "you") return sandbox.push(side * environment.pushed.press);
    sandbox.held = side;
    show();
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
    event.preventDefault();
    // A key that is still down when an episode ends must not begin the next one.
    if (driver === "you" && event.repeat) return;
    hold(event.key === "ArrowLeft" ? -1 : 1);
  };
  const params = Object.entries(environment.params).filter(([, param]) => param.control.type === "slider");
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
        <span>
          {driver === "you"
            ? "Hold the pole up with the arrow keys, or press on its left or right: the last direction holds."
            : "Push with the arrow keys, or press on the left or right."}
        </span>
        <span>{trained === null && " Train first, and the policy can play too."}</span>
      </p>
      <div className={classes.world}>
        <button
          type="button"
          ref={stage}
          className={classes.stage}
          data-autofocus
          aria-label={`${environment.title}: arrow keys ${driver === "you" ? "drive" : "push"}`}
          onKeyDown={onKey}
          onPointerDown={(e) => {
            const { left, width } = e.currentTarget.getBoundingClientRect();
            hold(e.clientX - left < width / 2 ? -1 : 1);
          }}
        >
          <canvas ref={canvas} width={WIDTH} height={height} />
        </button>
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
      <p className={classes.scores}>
        score <b ref={score}>0</b> · last <b>{tally.last ?? NOTHING}</b> · best <b>{tally.best ?? NOTHING}</b> ·{" "}
        {plural(tally.episodes, "episode")}
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            sandbox.restart();
            show();
            stage.current?.focus();
          }}
        >
          Start again
        </Button>
      </p>
      <div className={classes.physics}>
        {params.map(([key, param]) => {
          const control = param.control as { min: number; max: number; step: number };
          return (
            <div key={key}>
              <span>
                {param.label} <b>{short(physics[key] as number)}</b> {param.unit}
              </span>
              <Slider
                size={3}
                thumbSize={14}
                min={control.min}
                max={control.max}
                step={control.step > 0 ? control.step : (control.max - control.min) / 200}
                value={physics[key] as number}
                onChange={(value) => setPhysics({ ...physics, [key]: value })}
                label={null}
                thumbLabel={param.label}
                thumbValueText={`${short(physics[key] as number)} ${param.unit ?? ""}`}
              />
            </div>
          );
        })}
      </div>
    </>
  );
}

/** A pole for a person to play, to push, and to change the physics of, under the policy that was just trained. */
export default function HandsPanel({ onClose }: { onClose(): void }) {
  useFocusBack();
  return (
    // Without Modal.Header, which would be a second banner of the page.
    <Modal.Root opened onClose={onClose} size="min(720px, 96vw)" transitionProps={{ duration: 0 }}>
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body>
          <div className={classes.head}>
            <Modal.Title>Hands on</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </div>
          <Playground />
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}
