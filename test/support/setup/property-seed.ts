import fc from 'fast-check'

// A green run is green again: every run draws the same examples. `PROPERTY_SEED=random` looks further, a number replays what it found.
const { PROPERTY_SEED } = process.env
if (PROPERTY_SEED !== 'random') fc.configureGlobal({ seed: Number(PROPERTY_SEED ?? 20_261_121) })
