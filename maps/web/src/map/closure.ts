/** A closure on the map: pipes that fall dry, and the valves to turn. */

import { FONT } from './overlay'
import type { DrawnClosure } from './port'

type Layer = Record<string, unknown> & { id: string }

export const CLOSURE_SOURCE = 'tw-closure'
const DRY = '#a3242c'

export function closureSource({ valves }: DrawnClosure): Record<string, unknown> {
  const features = valves.map(({ id, position, failed }) => ({
    type: 'Feature',
    properties: { id, failed },
    geometry: { type: 'Point', coordinates: position },
  }))
  return { type: 'geojson', data: { type: 'FeatureCollection', features } }
}

export function closureLayers({ pipes }: DrawnClosure): Layer[] {
  const failed = ['get', 'failed']
  return [
    {
      id: 'tw-closure-pipes', type: 'line', source: 'network', 'source-layer': 'pipes',
      filter: ['in', ['get', 'pipe_id'], ['literal', pipes]],
      layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': DRY, 'line-width': 5, 'line-opacity': 0.75 },
    },
    {
      id: 'tw-closure-valves', type: 'circle', source: CLOSURE_SOURCE,
      paint: {
        'circle-radius': 9, 'circle-color': ['case', failed, '#5f5f5f', '#ffffff'],
        'circle-stroke-color': ['case', failed, '#5f5f5f', DRY], 'circle-stroke-width': 3,
      },
    },
    {
      id: 'tw-closure-names', type: 'symbol', source: CLOSURE_SOURCE,
      layout: {
        'text-field': ['get', 'id'], 'text-font': FONT, 'text-size': 12, 'text-variable-anchor': ['left', 'right', 'top', 'bottom'],
        'text-radial-offset': 1.1, 'text-justify': 'auto', 'text-optional': true,
      },
      paint: { 'text-color': '#7a1219', 'text-halo-color': '#ffffff', 'text-halo-width': 2 },
    },
  ]
}
