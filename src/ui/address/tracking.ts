/** What networks, mail programs and advertisers append to every link that they pass on. None of it is about a run. */

const names = new Set([
  ..."fbclid gclid gclsrc gad_source gad_campaignid gbraid wbraid dclid srsltid msclkid yclid ymclid ysclid twclid".split(
    " ",
  ),
  ..."ttclid li_fat_id igshid igsh si epik sccid rdt_cid scid qclid wickedid irclickid zanpid obclid tblci".split(" "),
  ..."mc_cid mc_eid mkt_tok _hsenc _hsmi __hssc __hstc __hsfp hsctatracking _ga _gl _gac _bta_tid _bta_c".split(" "),
  ..."vero_id vero_conv oly_anon_id oly_enc_id ml_subscriber ml_subscriber_hash s_cid s_kwcid ef_id trk".split(" "),
  ..."_openstat _branch_match_id _branch_referrer ref ref_src ref_url source spm share_id __tn__ __s".split(" "),
]);
const families = /^((utm|hsa|pk|piwik|mtm|matomo|stm|fb_action|at_custom)_|__(cft|xts)__|mibextid$|_k[ex]$)/;

/** Whether a key of a query belongs to somebody who counts clicks. */
export const isTracking = (key: string): boolean => {
  const name = key.toLowerCase();
  return names.has(name) || families.test(name);
};
