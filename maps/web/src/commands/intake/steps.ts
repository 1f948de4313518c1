import { isReached, type Step } from '../../state/intake'
import type { Command } from '../command'

export const goStep: Command<Step> = {
  disabled: ({ state }, step) => (isReached(state.intake, step) ? null : 'intake.step.later'),
  run({ state }, step) {
    state.intake.step = step
  },
}
