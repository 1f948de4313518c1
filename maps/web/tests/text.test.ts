import { describe, expect, it } from 'vitest'
import { en } from '../src/messages/en'
import { translate } from '../src/messages/translate'
import { zh } from '../src/messages/zh'
import { exact, headText, money, percent, shortened, timeText } from '../src/text/figures'
import { checkPosition, parseNumber, parsePair, positionText } from '../src/text/position'

describe('figures', () => {
  it('group thousands and keep every digit of a sum', () => {
    expect(money('31252.03')).toBe('31,252.03')
    expect(money('1234567.10')).toBe('1,234,567.10')
    expect(money('999')).toBe('999')
    expect(money('-1000.00')).toBe('-1,000.00')
  })
  it('show a number as the document writes it', () => {
    expect(exact(0.2918)).toBe('0.2918')
    expect(exact(0)).toBe('0')
    expect(exact(null)).toBe('—')
  })
  it('shorten without trailing zeros', () => {
    expect(shortened(3.332598, 2)).toBe('3.33')
    expect(shortened(33.001, 1)).toBe('33')
  })
  it('give 10 m of water for 0.0980665 MPa', () => {
    expect(headText(0.0980665)).toBe('10.0')
  })
  it('read times and rates', () => {
    expect(timeText('2026-11-21T11:24:57+00:00', 'Asia/Shanghai')).toBe('2026-11-21 19:24')
    expect(timeText('never')).toBe('never')
    expect(percent('0.09')).toBe('9%')
    expect(percent('0.0325')).toBe('3.25%')
  })
})

describe('positions as people type them', () => {
  it('take full-width digits of Chinese input methods', () => {
    expect(parseNumber('１１７．０２')).toBe(117.02)
    expect(parseNumber('12a')).toBeNull()
    expect(parseNumber('')).toBeNull()
  })
  it('find two numbers in what was pasted', () => {
    expect(parsePair('117.0213, 36.6612')).toEqual([117.0213, 36.6612])
    expect(parsePair('经度117.0213，纬度36.6612')).toEqual([117.0213, 36.6612])
    expect(parsePair('117.0213')).toBeNull()
    expect(parsePair('1 2 3')).toBeNull()
  })
  it('put a latitude that was typed first right, and refuse what cannot be', () => {
    expect(checkPosition([36.66, 117.02], true)).toEqual({ position: [117.02, 36.66], swapped: true })
    expect(checkPosition([117.02, 36.66], true)).toEqual({ position: [117.02, 36.66], swapped: false })
    expect(checkPosition([500, 36.66], true)).toBeNull()
    expect(checkPosition([5000, 9000], false)).toEqual({ position: [5000, 9000], swapped: false })
  })
  it('write positions without noise', () => {
    expect(positionText(117.02130000000001)).toBe('117.0213')
  })
})

describe('messages', () => {
  const places = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort()
  it('have the same keys and places in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort())
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
      expect(places(en[key]), key).toEqual(places(zh[key]))
      expect(en[key].trim()).not.toBe('')
    }
  })
  it('put values into their places', () => {
    expect(translate('zh', 'option.number', { rank: 2 })).toBe('方案 2')
    expect(translate('en', 'option.number', { rank: 2 })).toBe('Scheme 2')
  })
  it('leave no Chinese in the English book but the name of the other language', () => {
    const chinese = Object.entries(en).filter(([, text]) => /[\u4e00-\u9fff]/.test(text))
    expect(chinese.map(([key]) => key).sort()).toEqual(['app.language', 'app.title'])
  })
})
