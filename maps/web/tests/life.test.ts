import { describe, expect, it } from 'vitest'
import { askLife, decideLife } from '../src/commands/life/decide'
import { Failure, failureFrom } from '../src/contract/failure'
import type { LifeDoc, LifeEventDoc } from '../src/contract/life'
import { formOf, requestKey, requestOf } from '../src/state/form'
import { daysLater, emptyLife, STEPS, undoOf } from '../src/state/life'
import { weighed } from '../src/state/weighing'
import { context, scheme } from './builders'

const event = (action: LifeEventDoc['action'], more: Partial<LifeEventDoc> = {}): LifeEventDoc => ({
  event_id: action, action, day: '2026-11-21', recorded: '2026-11-21T10:00:00Z', by: '王工', reason: null, until: null, option: null, other: null, override: null, claim: null, ...more,
})
const life = (state: LifeDoc['state'], ...history: LifeEventDoc[]): LifeDoc => ({
  id: 'S1', name: '', state, since: '', by: '王工', until: null, days_left: null, option: null, options: 3, feasible: true, total_cny: null, other: null, override: null, claim: null, history,
})

describe('the life of a scheme', () => {
  it('takes back what can be taken back, and nothing else', () => {
    const today = '2026-11-21'
    const accepted = event('accept', { until: '2027-02-19', option: 2 })
    expect(undoOf(life('accepted', accepted, event('draft')), today)).toMatchObject({ step: 'withdraw', undoes: 'accept' })
    expect(undoOf(life('accepted', event('extend', { until: '2027-05-01' }), accepted), today)).toMatchObject({ step: 'extend', until: '2027-02-19' })
    expect(undoOf(life('withdrawn', event('withdraw'), accepted, event('draft')), today)).toMatchObject({ step: 'accept', option: 2, until: '2027-02-19' })
    expect(undoOf(life('withdrawn', event('withdraw'), accepted), '2027-03-01')).toMatchObject({ step: 'accept', until: null })
    expect(undoOf(life('withdrawn', event('withdraw'), event('draft')), today)).toBeNull()
    expect(undoOf(life('built', event('built'), accepted), today)).toBeNull()
    expect(undoOf(life('accepted', event('accept', { other: 'S0' })), today)).toBeNull()
    expect(STEPS.built).toEqual([])
    expect(daysLater('2026-12-15', 30)).toBe('2027-01-14')
  })

  it('keeps a refusal with the rival until something else is tried', async () => {
    const problem = { type: 'urn:tapwright:problem:scheme-rival', detail: '已占用', detail_en: 'held', title: '', title_en: '', status: 409, rival: 'S9' }
    const page = context({
      accept: () => Promise.reject(failureFrom(409, JSON.stringify(problem))),
      life: () => Promise.resolve(life('draft', event('draft'))),
      downloads: () => Promise.resolve([]),
      network: () => Promise.reject(new Failure('unreachable')),
    })
    page.state.life = { ...emptyLife(), id: 'S1', doc: life('draft') }
    askLife.run(page, { step: 'accept', undoes: null, option: 1, until: null })
    const wish = { by: ' 王工 ', reason: '', option: 1, day: '', override: '' }
    expect(decideLife.disabled(page, { ...wish, by: ' ' })).toBe('life.by.required')
    await decideLife.run(page, wish)
    expect(page.state.life.error).toEqual({ text: '已占用', code: 'scheme-rival', rival: 'S9' })
    expect(page.state.life.asking).not.toBeNull()
    expect(page.state.person).toBe('王工')
  })
})

describe('a request that was opened', () => {
  const request = {
    name: '甲', site: { position: [117.02, 36.66] as [number, number], storeys: 6, polygon: 'P' }, fire: { outdoor_lps: 15 },
    use: { type: 'residential', dwellings: 48, quota_lpcd: 200 }, overrides: [{ rule: 'r', verdict: 'pass', reason: 'x', by: 'y' }], replaces: 'S0',
  }
  const form = formOf(request, { name: '', position: null, useType: 'flow', amount: '1', storeys: '1', inlets: '' })

  it('keeps what the form has no field for, as long as the place is the same', () => {
    expect(requestOf(form, request)).toEqual({ ...request, replaces: undefined, options: { count: 3 } })
    const more = requestOf({ ...form, amount: '60' }, request)
    expect(more?.use).toEqual({ type: 'residential', dwellings: 60, quota_lpcd: 200 })
    expect(more?.fire).toEqual({ outdoor_lps: 15 })
    const elsewhere = requestOf({ ...form, position: [117.03, 36.66] }, request)
    expect(elsewhere).toEqual({ name: '甲', site: { position: [117.03, 36.66], storeys: 6 }, use: { type: 'residential', dwellings: 48 }, options: { count: 3 } })
  })
  it('is the same question only with the same other parts', () => {
    expect(requestKey(form, request)).not.toBe(requestKey(form, { ...request, fire: { outdoor_lps: 25 } }))
  })
})

describe('weighing anew', () => {
  const parts = (cost: number, digging: number) => ({ cost, pressure: 0, digging, days: 0, risk: 0 })
  const asked = scheme()
  const [first, second, third] = asked.options
  asked.options = [
    { ...first!, score: { parts: parts(100, 50), total: 150, fits: true, first: true } },
    { ...second!, score: { parts: parts(90, 20), total: 110, fits: true, first: false } },
    { ...third!, score: { parts: parts(10, 0), total: 10, fits: false, first: true } },
  ]
  asked.rejected = [{ connection: {}, reason: '', reason_en: '', score: { parts: parts(80, 40), total: 120, fits: true, first: false } }]
  asked.provenance.weights = { ...parts(1, 2), pressure: 1, days: 1, risk: 1, file: '', tapoff_first: true, pressure_cny_m: 0, pressure_enough_m: 0, digging_cny_m: 0, days_cny: 0, risks_cny: {} }
  const order = (factors: Record<string, number> | null, tapoffFirst: boolean | null = null): (number | null)[] =>
    weighed(asked, { open: true, factors: factors as never, tapoffFirst }).map((one) => one.rank)

  it('puts what fits first, then tap-offs by policy, then the least sum', () => {
    expect(order(null)).toEqual([1, 2, null, 3])
    expect(order(null, false)).toEqual([2, null, 1, 3])
  })
  it('is linear in the weights the parts were made with', () => {
    expect(order({ cost: 1, pressure: 1, digging: 0, days: 1, risk: 1 }, false)).toEqual([null, 2, 1, 3])
    const [best] = weighed(asked, { open: true, factors: { cost: 3, pressure: 1, digging: 1, days: 1, risk: 1 }, tapoffFirst: null })
    expect(best?.total).toBe(325)
  })
})
