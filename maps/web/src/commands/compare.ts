import type { WeightPart } from '../contract/judged'
import { factorsOf, isFixed, PLAIN } from '../state/weighing'
import { always, type Command } from './command'

/** Put the options side by side; once more closes it. */
export const toggleCompare: Command<void> = {
  disabled: ({ state }) => (state.scheme && state.scheme.options.length > 1 && state.tab === 'scheme' ? null : 'compare.two'),
  run({ state }) {
    state.weighing.open = !state.weighing.open
  },
}

export interface WeightWish {
  part: WeightPart
  factor: number
}

/** Weigh one part more or less: the order follows at once, nothing is computed anew. */
export const setWeight: Command<WeightWish> = {
  disabled: ({ state }, { part }) => (isFixed(state.scheme?.provenance.weights, part) ? 'compare.fixed' : null),
  run({ state }, { part, factor }) {
    if (!Number.isFinite(factor)) return
    const now = state.weighing.factors ?? factorsOf(state.scheme?.provenance.weights)
    state.weighing.factors = { ...now, [part]: Math.min(Math.max(factor, 0), 100) }
  },
}

/** Whether a registered tap-off goes before any new tap; a scheme made without that policy has to be computed for it. */
export const setTapoffFirst: Command<boolean> = {
  disabled: ({ state }) => (state.scheme?.provenance.weights?.tapoff_first === false ? 'compare.fixed' : null),
  run({ state }, first) {
    state.weighing.tapoffFirst = first
  },
}

export const resetWeights: Command<void> = {
  disabled: always,
  run({ state }) {
    state.weighing = { ...PLAIN, open: state.weighing.open }
  },
}
