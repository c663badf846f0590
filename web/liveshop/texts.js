// What `describe` and `describeError` say, by language. The texts themselves stand in texts/.

import el from './texts/el.js';
import en from './texts/en.js';
import fi from './texts/fi.js';
import nl from './texts/nl.js';
import pl from './texts/pl.js';
import sv from './texts/sv.js';

/** @type {Record<string, Record<string, string>>} */
export const texts = { en, fi, el, pl, nl, sv };
