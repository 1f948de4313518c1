import { describe, expect, it } from 'vitest'
import { amountOf, EMPTY_FORM, formFault, formOf, requestKey, requestOf, type Form } from '../src/state/form'
import { emptyHistory, remember, stepBack, stepForward } from '../src/state/history'
import { readLink, writeLink } from '../src/state/permalink'
import { createState, isOutdated, shownCandidates } from '../src/state/store'
import { candidate, scheme } from './builders'

const filled: Form = { ...EMPTY_FORM, position: [117.0213, 36.6602] }

describe('the form', () => {
  it('makes the request of the contract', () => {
    expect(requestOf(filled)).toEqual({
      site: { position: [117.0213, 36.6602], storeys: 6 },
      use: { type: 'residential', dwellings: 48 },
      options: { count: 3 },
    })
  })
  it.each([
    ['office', { type: 'office', area_m2: 100 }],
    ['school', { type: 'school', students: 100 }],
    ['hotel', { type: 'hotel', beds: 100 }],
    ['hospital', { type: 'hospital', beds: 100 }],
    ['shop', { type: 'shop', area_m2: 100 }],
    ['flow', { design_flow_lps: 100 }],
  ] as const)('names the figure of %s', (useType, use) => {
    expect(requestOf({ ...filled, useType, amount: '100' })?.use).toEqual(use)
  })
  it('says what is missing, first things first', () => {
    expect(formFault(EMPTY_FORM)).toBe('generate.no-site')
    expect(formFault({ ...filled, amount: '' })).toBe('generate.bad-amount')
    expect(formFault({ ...filled, storeys: '0' })).toBe('generate.bad-storeys')
    expect(formFault({ ...filled, storeys: '2.5' })).toBe('generate.bad-storeys')
    expect(formFault(filled)).toBeNull()
  })
  it('takes no half dwellings and no negative flow', () => {
    expect(amountOf({ ...filled, amount: '48.5' })).toBeNull()
    expect(amountOf({ ...filled, useType: 'flow', amount: '3.2' })).toBe(3.2)
    expect(amountOf({ ...filled, useType: 'flow', amount: '-3' })).toBeNull()
  })
  it('comes back from the request of a stored scheme', () => {
    const request = requestOf({ ...filled, useType: 'school', amount: '900', name: '实验小学' })
    expect(request).not.toBeNull()
    expect(requestOf(formOf(request!, EMPTY_FORM))).toEqual(request)
  })
  it('asks the same question under another project name', () => {
    expect(requestKey({ ...filled, name: '甲' })).toBe(requestKey({ ...filled, name: '乙' }))
    expect(requestKey({ ...filled, storeys: '7' })).not.toBe(requestKey(filled))
  })
})

describe('a scheme', () => {
  it('is outdated as soon as the form asks something else, and not before', () => {
    const state = createState()
    state.form = { ...filled }
    state.scheme = scheme()
    state.computedFor = requestKey(filled)
    expect(isOutdated(state)).toBe(false)
    state.form.amount = '96'
    expect(isOutdated(state)).toBe(true)
    state.form.amount = '48'
    expect(isOutdated(state)).toBe(false)
  })
})

describe('history', () => {
  it('goes back and forward through the same values', () => {
    let history = emptyHistory<number>()
    for (const before of [1, 2, 3]) history = remember(history, before)
    const back = stepBack(history, 4)!
    expect(back.value).toBe(3)
    const further = stepBack(back.history, back.value)!
    expect(further.value).toBe(2)
    expect(stepForward(further.history, further.value)!.value).toBe(3)
  })
  it('forgets what was undone when something new happens', () => {
    const back = stepBack(remember(remember(emptyHistory<number>(), 1), 2), 3)!
    expect(remember(back.history, back.value).future).toEqual([])
  })
  it('keeps 200 steps', () => {
    let history = emptyHistory<number>()
    for (let step = 0; step < 300; step += 1) history = remember(history, step)
    expect(history.past).toHaveLength(200)
    expect(history.past.at(-1)).toBe(299)
  })
  it('has nothing to go back to at the start', () => {
    expect(stepBack(emptyHistory<number>(), 1)).toBeNull()
    expect(stepForward(emptyHistory<number>(), 1)).toBeNull()
  })
})

describe('the permalink', () => {
  it('brings back what it was written from', () => {
    const link = {
      view: { centre: [117.021345, 36.660123] as [number, number], zoom: 16.25 },
      schemeId: 'S/1 ä',
      rank: 2,
      tab: 'data' as const,
      dataView: 'issues' as const,
      language: 'en' as const,
    }
    expect(readLink(writeLink(link))).toEqual(link)
  })
  it.each(['', '#', '#map=abc', '#map=1/2', '#map=16/500/36', '#option=x', '#scheme=%E0%A4%A', '#lang=fr&&&=='])(
    'reads no nonsense out of %j',
    (hash) => {
      expect(readLink(hash)).toMatchObject({ view: null, schemeId: null, rank: null, language: null })
    },
  )
})

describe('the renewal list', () => {
  it('shows what passes all filters', () => {
    const state = createState()
    state.renewal = {
      run: { id: 'R', created: '', files: [] },
      candidates: [
        candidate('A'),
        candidate('B', { certainty: 'possible', causes: { leakage: 'certain' } }),
        candidate('C', { decision: { decision: 'pin', reason: '', until: null, author: '', decided: '' } }),
      ],
    }
    const ids = (): string[] => shownCandidates(state).map((one) => one.pipe_id)
    expect(ids()).toEqual(['A', 'B', 'C'])
    state.renewalFilter.cause = 'age'
    expect(ids()).toEqual(['A', 'C'])
    state.renewalFilter.decision = 'none'
    expect(ids()).toEqual(['A'])
    state.renewalFilter = { certainty: 'possible', cause: '', outcome: '', decision: '' }
    expect(ids()).toEqual(['B'])
  })
})
