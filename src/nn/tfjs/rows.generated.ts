/** Row functions as WGSL, by npm run kernels. */
export const wgslOf: Readonly<Record<string, string>> = {
  actorCritic: `
fn outputGradient(z: array<f32, OUTPUTS>, x: Sample, hp: Hp) -> Row {
  var row: Row;
  var stat_loss = 0.0;
  var stat_policyLoss = 0.0;
  var stat_valueLoss = 0.0;
  var stat_entropy = 0.0;
  var v_greatest = z[O_logits + 0u];
  for (var i_k = 1u; i_k < N_logits; i_k++) {
    v_greatest = max(v_greatest, z[O_logits + i_k]);
  }
  var s_p: array<f32, N_logits>;
  var v_sum = 0.0;
  for (var i_k = 0u; i_k < N_logits; i_k++) {
    s_p[i_k] = exp((z[O_logits + i_k] - v_greatest));
    v_sum = (v_sum + s_p[i_k]);
  }
  let v_inverseSum = (1.0 / v_sum);
  let v_logSum = log(v_sum);
  var s_logPi: array<f32, N_logits>;
  var v_entropy = 0.0;
  var v_logTaken = 0.0;
  for (var i_k = 0u; i_k < N_logits; i_k++) {
    s_p[i_k] = (s_p[i_k] * v_inverseSum);
    s_logPi[i_k] = ((z[O_logits + i_k] - v_greatest) - v_logSum);
    v_entropy = (v_entropy - (s_p[i_k] * s_logPi[i_k]));
    v_logTaken = select(v_logTaken, s_logPi[i_k], f32(i_k) == x.action);
  }
  for (var i_k = 0u; i_k < N_logits; i_k++) {
    let v_taken = select(0.0, 1.0, f32(i_k) == x.action);
    row.d[O_logits + i_k] = ((x.advantage * (s_p[i_k] - v_taken)) + ((hp.entropyCost * s_p[i_k]) * (s_logPi[i_k] + v_entropy)));
  }
  let v_error = (z[O_value + 0u] - x.returns);
  row.d[O_value + 0u] = (hp.valueCost * v_error);
  stat_policyLoss = -((x.advantage * v_logTaken));
  stat_valueLoss = ((0.5 * v_error) * v_error);
  stat_entropy = v_entropy;
  stat_loss = ((stat_policyLoss + (hp.valueCost * stat_valueLoss)) - (hp.entropyCost * v_entropy));
  row.stats[0] = stat_loss;
  row.stats[1] = stat_policyLoss;
  row.stats[2] = stat_valueLoss;
  row.stats[3] = stat_entropy;
  return row;
}`,
  gaussianActorCritic: `
fn outputGradient(z: array<f32, OUTPUTS>, x: Sample, hp: Hp) -> Row {
  var row: Row;
  var stat_loss = 0.0;
  var stat_policyLoss = 0.0;
  var stat_valueLoss = 0.0;
  var stat_entropy = 0.0;
  var v_logPi = 0.0;
  var v_entropy = 0.0;
  for (var i_k = 0u; i_k < N_mean; i_k++) {
    let v_logSigma = min(max(z[O_logSigma + i_k], -10.0), 5.0);
    let v_inverse = exp(-(v_logSigma));
    let v_u = ((x.action[i_k] - z[O_mean + i_k]) * v_inverse);
    v_logPi = (v_logPi - ((((0.5 * v_u) * v_u) + v_logSigma) + 0.9189385332046727));
    v_entropy = (v_entropy + (v_logSigma + 1.4189385332046727));
    row.d[O_mean + i_k] = -(((x.advantage * v_u) * v_inverse));
    row.d[O_logSigma + i_k] = select(0.0, ((x.advantage * (1.0 - (v_u * v_u))) - hp.entropyCost), z[O_logSigma + i_k] == v_logSigma);
  }
  let v_error = (z[O_value + 0u] - x.returns);
  row.d[O_value + 0u] = (hp.valueCost * v_error);
  stat_policyLoss = -((x.advantage * v_logPi));
  stat_valueLoss = ((0.5 * v_error) * v_error);
  stat_entropy = v_entropy;
  stat_loss = ((stat_policyLoss + (hp.valueCost * stat_valueLoss)) - (hp.entropyCost * v_entropy));
  row.stats[0] = stat_loss;
  row.stats[1] = stat_policyLoss;
  row.stats[2] = stat_valueLoss;
  row.stats[3] = stat_entropy;
  return row;
}`,
};
