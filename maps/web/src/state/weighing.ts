/** Weighing anew on the page: parts are linear in their weights, so no new computation is needed. */

import { WEIGHT_PARTS, type ScoreDoc, type WeightPart, type WeightsDoc } from '../contract/judged'
import type { SchemeDoc } from '../contract/wire'

export interface Weighing {
  open: boolean
  /** Weights of the sliders; null while they are those of the scheme. */
  factors: Record<WeightPart, number> | null
  /** Whether a registered tap-off goes before any new tap; null as in the scheme. */
  tapoffFirst: boolean | null
}

export interface Weighed {
  /** 1.. of an option, null for a point of connection that was only sketched. */
  rank: number | null
  /** Its place among the rejected. */
  row: number | null
  parts: Record<WeightPart, number>
  total: number
  fits: boolean
}

export const PLAIN: Weighing = { open: false, factors: null, tapoffFirst: null }

export function factorsOf(weights: WeightsDoc | undefined): Record<WeightPart, number> {
  return Object.fromEntries(WEIGHT_PARTS.map((part) => [part, weights?.[part] ?? 1])) as Record<WeightPart, number>
}

/** A part that was left out (weight 0) is not in the document: it comes back only with a new computation. */
export function isFixed(weights: WeightsDoc | undefined, part: WeightPart): boolean {
  return weights?.[part] === 0
}

/** Options and scored losers by these weights, best first; in the order of the engine: fits, shortage, tap-off first, sum. */
export function weighed(scheme: SchemeDoc, weighing: Weighing): Weighed[] {
  const was = scheme.provenance.weights
  const from = factorsOf(was)
  const to = weighing.factors ?? from
  const first = weighing.tapoffFirst ?? was?.tapoff_first ?? true
  const anew = (score: ScoreDoc): Record<WeightPart, number> =>
    Object.fromEntries(
      WEIGHT_PARTS.map((part) => [part, from[part] ? (score.parts[part] / from[part]) * to[part] : 0]),
    ) as Record<WeightPart, number>
  const rows = [
    ...scheme.options.map((one) => ({ rank: one.rank, row: null, score: one.score, margin: one.check.margin_m })),
    ...scheme.rejected.map((one, row) => ({ rank: null, row, score: one.score, margin: 0 })),
  ].flatMap(({ rank, row, score, margin }) => {
    if (!score) return []
    const parts = anew(score)
    const total = WEIGHT_PARTS.reduce((sum, part) => sum + parts[part], 0)
    const fits = score.fits ?? true
    return [{ rank, row, parts, total, fits, short: fits ? 0 : Math.max(-margin, 0), last: first && score.first ? 0 : 1 }]
  })
  // what an engineer decided on stays first
  const decided = scheme.request.connection ? 1 : null
  const later = (rank: number | null): number => Number(decided !== null && rank !== decided)
  return rows.sort(
    (a, b) =>
      later(a.rank) - later(b.rank) || Number(!a.fits) - Number(!b.fits) || a.short - b.short || a.last - b.last || a.total - b.total,
  )
}

export function isChanged(scheme: SchemeDoc, { factors, tapoffFirst }: Weighing): boolean {
  const was = factorsOf(scheme.provenance.weights)
  const other = factors !== null && WEIGHT_PARTS.some((part) => factors[part] !== was[part])
  return other || (tapoffFirst !== null && tapoffFirst !== scheme.provenance.weights?.tapoff_first)
}
