import type { OverrideAsked, WeightPart } from '../contract/judged'
import type { RequestDoc } from '../contract/wire'
import { requestOf } from '../state/form'
import { factorsOf } from '../state/weighing'
import { always, type Command, type Context } from './command'
import { computeScheme } from './generate-scheme'

/** Open the form that sets a finding aside; null closes it. */
export const askOverride: Command<string | null> = {
  disabled: always,
  run({ state }, rule) {
    state.overriding = rule
  },
}

/** Set a finding aside, with who and why, and compute the scheme again: the reason is printed in every document. */
export const overrideFinding: Command<OverrideAsked> = {
  disabled({ state }, { reason, by }) {
    if (state.computing) return 'generate.busy'
    if (!by.trim()) return 'life.by.required'
    return reason.trim() ? null : 'life.reason.required'
  },
  async run(context, asked) {
    const { state } = context
    const others = (state.scheme?.request.overrides ?? []).filter((one) => one.rule !== asked.rule)
    state.person = asked.by.trim()
    const said = { ...asked, reason: asked.reason.trim(), by: asked.by.trim() }
    state.overriding = null
    await again(context, { overrides: [...others, said] })
  },
}

/** Take an override back and compute again. */
export const dropOverride: Command<string> = {
  disabled: ({ state }) => (state.computing ? 'generate.busy' : null),
  run(context, rule) {
    const left = (context.state.scheme?.request.overrides ?? []).filter((one) => one.rule !== rule)
    return again(context, { overrides: left })
  },
}

/** Open the form that decides on a point which lost; null closes it. */
export const askPin: Command<number | null> = {
  disabled: always,
  run({ state }, row) {
    state.pinning = row
  },
}

export interface PinWish {
  row: number
  by: string
  reason: string
}

/** Take a point, and its other route where it is one, whatever the ranking says; who and why is printed. */
export const pinPoint: Command<PinWish> = {
  disabled({ state }, { by, reason }) {
    if (state.computing) return 'generate.busy'
    if (!by.trim()) return 'life.by.required'
    return reason.trim() ? null : 'life.reason.required'
  },
  async run(context, { row, by, reason }) {
    const { state } = context
    const lost = state.scheme?.rejected[row]
    if (!lost) return
    const { tapoff_id: tapoff, pipe_id: pipe } = lost.connection
    const route = lost.route?.asked ? { route: lost.route.geometry.coordinates } : {}
    state.person = by.trim()
    Object.assign(state, { pinning: null })
    state.weighing.open = false
    const place = tapoff ? { tapoff_id: tapoff } : { pipe_id: pipe ?? '' }
    await again(context, { connection: { ...place, ...route, reason: reason.trim(), by: by.trim() } })
  },
}

/** Let the ranking decide again. */
export const dropPin: Command<void> = {
  disabled: ({ state }) => (state.computing ? 'generate.busy' : null),
  run: (context) => again(context, { connection: null }),
}

/** Compute again with the weights of the sliders, so that points which were only sketched are worked out too. */
export const applyWeights: Command<void> = {
  disabled: ({ state }) => (state.computing ? 'generate.busy' : null),
  run(context) {
    const { scheme, weighing } = context.state
    const factors: Partial<Record<WeightPart, number>> = weighing.factors ?? factorsOf(scheme?.provenance.weights)
    const first = weighing.tapoffFirst ?? scheme?.provenance.weights?.tapoff_first
    context.state.weighing.open = false
    return again(context, { weights: { ...factors, ...(first === undefined ? {} : { tapoff_first: first }) } })
  },
}

/** Plan the same request so that it takes the place of the accepted scheme that is shown. */
export const replaceScheme: Command<void> = {
  disabled: ({ state }) => (state.computing ? 'generate.busy' : requestOf(state.form, state.kept) ? null : 'generate.bad-amount'),
  run(context) {
    const { state } = context
    const request = requestOf(state.form, state.kept)
    if (request && state.scheme) return computeScheme(context, { ...request, replaces: state.scheme.id })
  },
}

function again(context: Context, changed: Partial<RequestDoc>): Promise<void> | void {
  const { scheme } = context.state
  if (!scheme) return
  const asked = Object.entries({ ...scheme.request, ...changed }).filter(([, part]) => part !== null)
  return computeScheme(context, Object.fromEntries(asked) as unknown as RequestDoc)
}
