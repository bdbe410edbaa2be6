import { layers } from './layers.mjs'
import { noSleeps } from './no-sleeps.mjs'
import { plainNames } from './plain-names.mjs'
import { purity } from './purity.mjs'

// oxlint loads a plugin by its default export.
export default {
  meta: { name: 'orch' },
  rules: { layers, purity, 'plain-names': plainNames, 'no-sleeps': noSleeps },
}
