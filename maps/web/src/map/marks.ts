/** How issues are drawn: a shape for each severity, a numbered disc where many lie close. Plain style objects. */

import type { Severity } from '../contract/data'
import { FONT } from './overlay'
import type { DrawnMarks } from './port'

type Layer = Record<string, unknown> & { id: string }

export const MARK_SOURCE = 'tw-issues'
/** Layers a click may hit, first one wins. */
export const CLICKABLE_MARKS = ['tw-issues', 'tw-issues-many']

export const SEVERITY_COLOUR = { error: '#a3242c', warning: '#b26a00', repaired: '#2b6f8f' }

const URGENT: Severity[] = ['error', 'warning', 'repaired']

/** How many of the kinds that are shown a feature stands for. */
function countOf(keys: string[]): unknown {
  return ['+', 0, ...keys.map((key) => ['coalesce', ['get', key], 0])]
}

/** The worst severity among the shown kinds of a feature. */
function worst(shown: string[]): unknown {
  const of = (severity: Severity): unknown => ['>', countOf(shown.filter((key) => key.endsWith(`|${severity}`))), 0]
  return ['case', of('error'), 'error', of('warning'), 'warning', 'repaired']
}

function colour(shown: string[]): unknown {
  const [error, warning, repaired] = URGENT.map((severity) => SEVERITY_COLOUR[severity])
  return ['match', worst(shown), 'error', error, 'warning', warning, repaired]
}

function urgency(shown: string[]): unknown {
  return ['match', worst(shown), 'error', 3, 'warning', 2, 1]
}

function filter(id: string, shown: string[]): unknown {
  return id === 'tw-issues' ? ['==', countOf(shown), 1] : ['>', countOf(shown), 1]
}

export function markSource({ tiles }: DrawnMarks): Record<string, unknown> {
  return { type: 'vector', tiles: [tiles], minzoom: 0, maxzoom: 17 }
}

export function markLayers({ shown }: DrawnMarks): Layer[] {
  const of = { source: MARK_SOURCE, 'source-layer': 'issues' }
  return [
    {
      ...of,
      id: 'tw-issues-many',
      type: 'circle',
      filter: filter('tw-issues-many', shown),
      layout: { 'circle-sort-key': urgency(shown) },
      paint: {
        'circle-color': colour(shown),
        'circle-opacity': 0.88,
        'circle-radius': ['interpolate', ['linear'], ['ln', countOf(shown)], 0.7, 9, 3, 13, 7, 20, 11, 28],
        'circle-stroke-color': '#ffffff',
        'circle-stroke-width': 1.6,
      },
    },
    {
      ...of,
      id: 'tw-issues-count',
      type: 'symbol',
      filter: filter('tw-issues-count', shown),
      layout: {
        'text-field': ['to-string', countOf(shown)],
        'text-font': FONT,
        'text-size': 11,
        'text-allow-overlap': true,
        'symbol-sort-key': urgency(shown),
      },
      paint: { 'text-color': '#ffffff' },
    },
    {
      ...of,
      id: 'tw-issues',
      type: 'symbol',
      filter: filter('tw-issues', shown),
      layout: {
        'icon-image': ['concat', 'issue-', worst(shown)],
        'icon-allow-overlap': true,
        'symbol-sort-key': urgency(shown),
      },
    },
  ]
}
