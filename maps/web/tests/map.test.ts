import { describe, expect, it } from 'vitest'
import { drawnCandidates, drawnPlaces, drawnRoutes } from '../src/map/sync'
import { requestKey } from '../src/state/form'
import { createState } from '../src/state/store'
import { candidate, neighbour, scheme } from './builders'

function shown() {
  const state = createState()
  state.form.position = [117.0213, 36.6602]
  state.scheme = scheme()
  state.rank = 2
  state.computedFor = requestKey(state.form)
  return state
}

describe('what the map shows', () => {
  it('is every route, the chosen one marked', () => {
    expect(drawnRoutes(shown()).map((route) => [route.rank, route.selected])).toEqual([
      [1, false],
      [2, true],
      [3, false],
    ])
  })
  it('is site, tie-in and the worst neighbour with pressures before and after', () => {
    const places = drawnPlaces(shown())
    expect(places.map((place) => place.kind)).toEqual(['neighbour', 'tie-in', 'site'])
    expect(places[0]?.label).toBe('0.187 → 0.1862 MPa')
    expect(places[2]?.label).toBe('用地\n0.3128 → 0.2918 MPa')
  })
  it('marks neighbours that fall below the limit, once each', () => {
    const state = shown()
    const check = state.scheme!.options[1]!.check
    check.newly_below_limit = [neighbour('N1', 0.187, 0.13)]
    expect(drawnPlaces(state).map((place) => place.kind)).toEqual(['below', 'tie-in', 'site'])
  })
  it('shows no figure and no chosen route of a question that has changed', () => {
    const state = shown()
    state.form.amount = '96'
    expect(drawnRoutes(state).some((route) => route.selected)).toBe(false)
    expect(drawnPlaces(state).at(-1)?.label).toBe('用地')
  })
  it('is the site alone before there is a scheme', () => {
    const state = shown()
    state.scheme = null
    expect(drawnPlaces(state)).toEqual([{ kind: 'site', position: [117.0213, 36.6602], label: '用地' }])
  })
  it('is the candidates that pass the filter, in the renewal tab only', () => {
    const state = createState()
    state.renewal = { run: null, candidates: [candidate('A'), candidate('B', { certainty: 'possible' })] }
    expect(drawnCandidates(state).size).toBe(0)
    state.tab = 'renewal'
    expect([...drawnCandidates(state)]).toEqual([
      ['A', 'certain'],
      ['B', 'possible'],
    ])
    state.renewalFilter.certainty = 'possible'
    expect([...drawnCandidates(state).keys()]).toEqual(['B'])
    expect(drawnRoutes(state)).toEqual([])
  })
})
