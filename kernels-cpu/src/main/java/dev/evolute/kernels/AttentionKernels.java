package dev.evolute.kernels;

/**
 * Scaled dot-product attention with its derivatives, head by head:
 *
 * <pre>
 *   forward   S = scale Q K^T,  lse_i = log sum_j exp S_ij,  P = exp(S - lse),  O = P V
 *   vjp       dP = dO V^T,  dS = P (.) (dP - D),  D_i = sum_j P_ij dP_ij = &lt;dO_i, O_i&gt;
 *             dQ = scale dS K,  dK = scale dS^T Q,  dV = P^T dO
 *   jvp       S' = scale (Q' K^T + Q K'^T),  lse'_i = sum_j P_ij S'_ij,  P' = P (.) (S' - lse')
 *             O' = P' V + P V'
 *   tangent   of the vjp: dP' = dO' V^T + dO V'^T,  D'_i = &lt;dO'_i, O_i&gt; + &lt;dO_i, O'_i&gt;
 *             dS' = P' (.) (dP - D) + P (.) (dP' - D'), and the product rule for dQ', dK', dV'
 * </pre>
 *
 * <p>No device stores S, P or their tangents: they are formed block by block (Dao et al.,
 * FlashAttention, 2022) and once more, from lse, in each derivative. NaN reaches every query that
 * sees it, and may reach others of its sequence and head. Part of {@link Kernels}, whose rules hold
 * here.
 */
public interface AttentionKernels {
  /** Reads q, k and v, writes o and lse. */
  void attention(AttentionShape.Values x);

  /**
   * Tangent of {@link #attention}: reads x as the forward pass left it and q', k', v' of {@code
   * tangent}, writes its o' and lse'.
   */
  void attentionJvp(AttentionShape.Values x, AttentionShape.Values tangent);

  /**
   * Gradients {@code dQ = ... + beta dQ}, dK and dV alike, from x as the forward pass left it and
   * the gradient of o in {@code g}.
   */
  void attentionVjp(AttentionShape.Values x, AttentionShape.Gradients g, double beta);

  /**
   * Tangent of {@link #attentionVjp}: {@code dQ' = ... + beta dQ'}, dK' and dV' alike. Reads x as
   * the forward pass left it, {@code tangent} as {@link #attentionJvp} left it, the gradient of o
   * in {@code g} (and nothing else of it) and its tangent in {@code tangentOfG}.
   */
  void attentionVjpTangent(
      AttentionShape.Values x,
      AttentionShape.Gradients g,
      AttentionShape.Values tangent,
      AttentionShape.Gradients tangentOfG,
      double beta);
}
