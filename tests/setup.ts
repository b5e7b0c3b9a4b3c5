import fc from "fast-check";

// The same examples on every run: a property that fails does so always. Change the seed to look at others.
fc.configureGlobal({ seed: 1602 });
