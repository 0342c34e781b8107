/** With a dot it is an abbreviation that never ends a sentence: `Dr`. */
export const ABBREVIATION = 1;
/** With a dot it is an abbreviation that may end a sentence: `etc`. */
export const FINAL_ABBREVIATION = 2;
/** With a dot and a number after it, it is an abbreviation: `No`, `Art`. */
export const NUMBERED = 4;
/** Often begins a sentence: `The`. */
export const STARTER = 8;
/** An ordinal or section number: `3`, `2.1`. */
export const NUMBER = 16;
/** One letter. */
export const INITIAL = 32;
/** Letters with dots in between: `U.S`, `z.B`. */
export const DOTTED = 64;
/** A Roman numeral from two letters up. */
export const ROMAN = 128;

/** How sentences of a language may be told. Words in lower case, abbreviations without their last dot. */
interface Rules {
  readonly abbreviations: string;
  readonly finals: string;
  readonly numbered: string;
  readonly starters: string;
  /** Ordinal numbers are written with a dot: `3. Mai`. */
  readonly ordinals: boolean;
  /** Any noun has a capital, so that a capital alone does not show the beginning of a sentence. */
  readonly capitals: boolean;
}

const common: Rules = {
  abbreviations:
    'dr prof mr mrs ms st jr sr rev hon gen col maj capt lt sgt gov sen rep pres vs cf ca viz approx dept univ ' +
    'ed eds hrsg transl ser ibid fam sp spp subsp var cv nov syn ph.d i.e e.g',
  finals: 'al etc inc ltd co corp bros plc',
  numbered:
    'tel fax no nos nr vol vols p pp fig figs tab art arts sec ch chap chaps eq eqs ref refs para par pt app annex s',
  starters: '',
  ordinals: false,
  capitals: false,
};

const languages: Readonly<Record<string, Rules>> = {
  en: {
    abbreviations: 'messrs mt ft gal esp incl excl resp est jan feb mar apr jun jul aug sep sept oct nov dec',
    finals: 'a.m p.m jr sr esq',
    numbered: 'reg regs dir bk bks col cols ex cl ln stat',
    starters:
      'the this these that those it its in on at by for from with we he she they you i an a and but or so if when while ' +
      'as there here however although since after before because both some many most all each no such one two what who ' +
      'how why where our his her their to of thus therefore moreover furthermore finally first second then',
    ordinals: false,
    capitals: false,
  },
  de: {
    abbreviations:
      'vgl bzw ca sog bes insb einschl evtl ggf ggfs gem geb gest jh jhd jhs mio mrd tsd ' +
      'hr fr hl hll dipl ing phil med jur rer nat habil mag lic stud cand inkl exkl zzgl abzgl max min allg amtl angew ' +
      'ausg aufl bearb begr erg ersch erw gez hg hrsg herausg jg kath ev lat griech engl frz dt dtsch österr schweiz ' +
      'römisch verf verl übers unveränd zahlr zit zw jan feb mär apr jun jul aug sept sep okt nov dez str st br kt kart ill lw pb ' +
      'z.b d.h u.a o.ä i.d.r z.t u.u s.o s.u v.a m.e i.w bspw entspr ehem eigtl teilw urspr versch vorw nachw',
    finals: 'usw etc ff f dgl o.a a.a.o u.s.w gmbh ag kg',
    numbered:
      'nr nrn art abs bd bde s sp kap abb abschn anm aufl bl h heft lfg rn rz tab taf ziff z zeile abt anl anh buchst',
    starters:
      'der die das dies diese dieser dieses es er sie wir ich ein eine einer in im am an auf aus bei für mit nach von vom ' +
      'zu zum zur und aber doch wenn als da so hier dort durch über unter während nachdem weil obwohl auch nur man ' +
      'ihre seine sein ihr alle viele einige dabei damit dadurch daher darum ferner zudem außerdem schließlich',
    ordinals: true,
    capitals: true,
  },
  fi: {
    abbreviations:
      'esim julk kust väitösk diss markk käänt huom mm ns nk ts ko em ks vrt vt prof tri toim kirj fil toht maist dos lis apul til toimitt suom ruots ' +
      'engl lat t.s s.o n esipuh alkup tammik helmik maalisk huhtik toukok kesäk heinäk elok syysk lokak marrask jouluk',
    finals: 'jne yms ym tms jms ym jkr ekr ehd ry oy oyj ky tjsp ynnä',
    numbered: 's ss n nro nrot no luku kpl kohta art mom taul kuv vol os osa puh p klo v vv par',
    starters:
      'se ne tämä nämä hän he me te ja mutta kun jos niin myös siitä sen siinä tässä tämän näin lisäksi kuitenkin joten ' +
      'koska vaikka tai ei on oli mitä miten missä kuka miksi ensin sitten lopuksi kirja kirjassa teos',
    ordinals: true,
    capitals: false,
  },
  sv: {
    abbreviations:
      't.ex bl.a d.v.s dvs s.k m.a.o fr.o.m t.o.m f.d p.g.a p.ga o.d t.f.n i.o.m tex bla sk jfr jmf resp ca kap ung ' +
      'prof fil red övers utg bearb inkl exkl ev förf doc lic kand mag hr fru frk kungl sv eng ty lat jan febr apr aug ' +
      'sept okt nov dec adj adv subst plur sing diss häftav inb',
    finals: 'osv m.m m.fl o.s.v etc mm mfl o.dyl e.d dyl f.kr e.kr ab hb kb',
    numbered: 's sid sidd nr kap art bd bil fig tab avd del vol h st kl §',
    starters:
      'det den de detta denna dessa han hon vi jag ni en ett i på av för med till från och men om när då så här där ' +
      'efter under som att alla många några dock också även därför slutligen dessutom vad hur var vem varför',
    ordinals: false,
    capitals: false,
  },
  fr: {
    abbreviations:
      'm mm mme mmes mlle mlles mgr me dr pr st ste sts c.-à-d p.ex ex env cf éd édit trad coll av boul bd rééd réimpr ' +
      'janv févr avr juil sept oct nov déc réf resp gén prof hab dép',
    finals: 'etc al cie sté n.b j.-c s.a s.a.r.l',
    numbered: 'art chap fig p pp t tab vol n no nos n° al sect par pl liv §',
    starters:
      'le la les un une des il elle ils elles on nous vous je ce cet cette ces ceci cela en dans par pour avec sur sous ' +
      'et mais ou donc or car si quand lorsque comme ainsi enfin aussi de du au aux à ' +
      'son sa ses leur leurs après avant depuis cependant toutefois',
    ordinals: false,
    capitals: false,
  },
  da: {
    abbreviations: 'bl.a f.eks d.v.s dvs fx eks kl ca jf jvf mht mv pga red udg hr fru forf dr prof inkl ekskl hhv evt',
    finals: 'osv m.m m.fl o.s.v etc mfl a/s aps',
    numbered: 's nr kap art bd stk fig tab afsn jr kl',
    starters: 'det den de dette denne disse han hun vi jeg i en et og men om når da så her der efter under som at',
    ordinals: true,
    capitals: false,
  },
  no: {
    abbreviations: 'bl.a f.eks d.v.s dvs jf jfr kl ca pga ifm mht red utg hr fru dr prof inkl ekskl hhv evt',
    finals: 'osv m.m m.fl o.s.v etc mfl',
    numbered: 's nr kap art bd fig tab avsn kl',
    starters: 'det den de dette denne disse han hun vi jeg i en et og men om når da så her der etter under som at',
    ordinals: true,
    capitals: false,
  },
  nl: {
    abbreviations: 'dhr mevr mr drs ir ing prof bijv bv d.w.z m.b.t o.a t.o.v m.n ca resp red vert uitg evt incl excl',
    finals: 'enz e.d etc e.a n.v b.v',
    numbered: 'nr nrs blz art hfst dl afb fig tab p',
    starters: 'de het een dit deze die er hij zij we wij ik in op van voor met en maar als toen hier daar na ook zo om',
    ordinals: false,
    capitals: false,
  },
  es: {
    abbreviations: 'sr sra sres srta dr dra d dña prof lic ing ud uds p.ej ej aprox ed trad coord dir av depto gral',
    finals: 'etc cía s.a s.l ee.uu',
    numbered: 'art arts cap fig núm no n p pp pág págs t vol sec',
    starters: 'el la los las un una este esta estos estas en de por para con y pero si cuando como se su sus es al lo',
    ordinals: false,
    capitals: false,
  },
  it: {
    abbreviations: 'sig sigg dott prof avv ing arch on s ss es ecc cfr p.es ed trad rist red',
    finals: 'ecc s.p.a s.r.l',
    numbered: 'art artt cap fig n nn num p pp pag pagg vol t tav',
    starters: 'il lo la i gli le un una questo questa in di per con e ma se quando come si suo sua è al nel della',
    ordinals: false,
    capitals: false,
  },
  pt: {
    abbreviations: 'sr sra dr dra prof profa d av p.ex ex aprox ed trad org coord dir',
    finals: 'etc cia ltda s.a',
    numbered: 'art arts cap fig n no núm p pp pág págs t vol sec',
    starters: 'o a os as um uma este esta estes estas em no na de por para com e mas se quando como seu sua é ao',
    ordinals: false,
    capitals: false,
  },
};

/** Tells of a surface what sentence splitting has to know of it. */
export interface SentenceRules {
  readonly ordinals: boolean;
  readonly capitals: boolean;
  /** A space stands between a sentence's stop and its closing quotation mark. */
  readonly spacedQuotes: boolean;
  /** @returns flags of this module */
  flags(surface: string): number;
}

const byLanguage = new Map<string, SentenceRules>();

/** The rules of a language by its primary tag; a language without rules of its own has the common ones. */
export function sentenceRules(language: string): SentenceRules {
  const primary = primaryLanguage(language);
  const known = byLanguage.get(primary);
  if (known) return known;
  const own = languages[primary === 'nb' || primary === 'nn' ? 'no' : primary];
  const flags = new Map<string, number>();
  for (const rules of own ? [common, own] : [common]) {
    for (const word of rules.abbreviations.split(' ')) add(flags, word, ABBREVIATION);
    for (const word of rules.numbered.split(' ')) add(flags, word, NUMBERED);
    for (const word of rules.starters.split(' ')) add(flags, word, STARTER);
  }
  // What may end a sentence in this language is not one that never does.
  for (const rules of own ? [common, own] : [common]) {
    for (const word of rules.finals.split(' ')) {
      flags.set(word, ((flags.get(word) ?? 0) & ~ABBREVIATION) | FINAL_ABBREVIATION);
    }
  }
  flags.delete('');
  const made: SentenceRules = {
    ordinals: own?.ordinals ?? /^(cs|sk|hu|et|lv|hr|sl|sr|bs|is|tr)$/u.test(primary),
    capitals: own?.capitals ?? false,
    spacedQuotes: primary === 'fr',
    flags: (surface) => (flags.get(surface) ?? 0) | shapeFlags(surface),
  };
  byLanguage.set(primary, made);
  return made;
}

function add(flags: Map<string, number>, word: string, flag: number): void {
  flags.set(word, (flags.get(word) ?? 0) | flag);
}

function shapeFlags(surface: string): number {
  if (surface.length === 1) return /^\p{L}$/u.test(surface) ? INITIAL : /^\d$/u.test(surface) ? NUMBER : 0;
  if (surface.length > 16) return 0;
  if (/^\d{1,2}(\.\d{1,2})*$/u.test(surface)) return NUMBER;
  if (/^[ivxlc]{2,8}$/u.test(surface)) return ROMAN;
  return /^\p{L}{1,2}(\.\p{L}{1,2})+$/u.test(surface) ? DOTTED : 0;
}

/** `de` of `de-AT`, in lower case. */
export function primaryLanguage(language: string): string {
  return (language.split(/[-_]/u)[0] as string).toLowerCase();
}
