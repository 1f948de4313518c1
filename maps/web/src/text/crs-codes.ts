/** What sources of Chinese utilities are usually in, offered while typing; any other code can be typed too. */

const FIRST_ZONE = 4534
const FIRST_MERIDIAN = 75

export const CRS_CODES: [string, string][] = [
  ['EPSG:4490', 'CGCS2000'],
  ['EPSG:4326', 'WGS 84'],
  ...Array.from({ length: 21 }, (_, k): [string, string] => [
    `EPSG:${FIRST_ZONE + k}`,
    `CGCS2000 3° CM ${FIRST_MERIDIAN + 3 * k}E`,
  ]),
  ['GCJ-02', 'GCJ-02'],
  ['BD-09', 'BD-09'],
]
