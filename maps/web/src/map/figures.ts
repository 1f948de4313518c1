/** How computed figures are drawn over the network: spare flow at nodes, weight of pipes. */

import type { RunKind } from '../contract/hydraulics'
import { CLASSES } from '../state/hydraulics'

type Layer = Record<string, unknown> & { id: string }

export const FIGURE_SOURCE = 'tw-figures'

const FIGURE: Record<RunKind, string> = { capacity: 'capacity_lps', outages: 'unserved_lps' }

function colour(kind: RunKind): unknown {
  const [first, ...rest] = CLASSES[kind]
  const steps = rest.flatMap((one, k) => [CLASSES[kind][k]?.below ?? 0, one.colour])
  return ['step', ['coalesce', ['get', FIGURE[kind]], 0], first?.colour, ...steps]
}

export function figureLayers(kind: RunKind): Layer[] {
  if (kind === 'outages') {
    return [
      {
        id: 'tw-figures-line', type: 'line', source: FIGURE_SOURCE, layout: { 'line-cap': 'round', 'line-join': 'round' },
        paint: { 'line-color': colour(kind), 'line-width': ['interpolate', ['linear'], ['zoom'], 11, 2.2, 17, 6] },
      },
    ]
  }
  const tapoff = ['==', ['get', 'layer'], 'capacity_tapoffs']
  const size = (small: number, large: number): unknown => ['interpolate', ['linear'], ['zoom'], 11, small, 17, large]
  return [false, true].map((tapoffs) => ({
    id: `tw-figures-${tapoffs ? 'tapoffs' : 'nodes'}`, type: 'circle', source: FIGURE_SOURCE,
    filter: tapoffs ? tapoff : ['!', tapoff],
    paint: {
      'circle-color': ['case', ['==', ['get', 'limit'], 'no-water'], '#5f5f5f', colour(kind)],
      'circle-radius': tapoffs ? size(2.5, 9) : size(1.8, 6),
      'circle-stroke-color': tapoffs ? '#14222d' : '#ffffff', 'circle-stroke-width': tapoffs ? 1.6 : 0.6,
    },
  }))
}

export const CLICKABLE_FIGURES = ['tw-figures-tapoffs', 'tw-figures-nodes', 'tw-figures-line']
