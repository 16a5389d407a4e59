package dev.evolute.autodiff.graph;

import dev.evolute.autodiff.op.Add;
import dev.evolute.autodiff.op.AddPositions;
import dev.evolute.autodiff.op.Attention;
import dev.evolute.autodiff.op.AveragePool;
import dev.evolute.autodiff.op.BatchNorm;
import dev.evolute.autodiff.op.ClassToken;
import dev.evolute.autodiff.op.Convolution;
import dev.evolute.autodiff.op.DropPath;
import dev.evolute.autodiff.op.Embedding;
import dev.evolute.autodiff.op.FirstRows;
import dev.evolute.autodiff.op.MaxPool;
import dev.evolute.autodiff.op.Reshape;
import dev.evolute.autodiff.op.RotaryEmbedding;
import dev.evolute.autodiff.op.RowNorm;
import dev.evolute.autodiff.op.SwiGlu;
import dev.evolute.kernels.ConvolutionShape;
import dev.evolute.kernels.PoolingShape;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * The blocks of convolutional networks and transformers in PyTorch: convolutions and pooling by its
 * own operations, everything else from its elementary ones, since its fused attention cannot be
 * differentiated twice. Batch norm in evaluation is at mean 0 and variance 1.
 */
final class TorchBlocks {
  private TorchBlocks() {}

  static Tensor apply(Value value, List<Tensor> in) {
    Tensor x = in.get(0);
    Tensor second = in.size() > 1 ? in.get(1) : null;
    Shape shape = value.shape();
    Op op = value.op();
    if (op instanceof Convolution convolution) {
      TensorOptional bias =
          convolution.bias() ? new TensorOptional(in.get(2).reshape(-1)) : new TensorOptional();
      return convolution(convolution.shape(), x, second, bias);
    } else if (op instanceof MaxPool pool) {
      return pool(pool.shape(), x, true);
    } else if (op instanceof AveragePool pool) {
      return pool(pool.shape(), x, false);
    } else if (op instanceof Reshape) {
      return x.reshape(shape.rows(), shape.cols());
    } else if (op instanceof Add) {
      return x.add(second);
    } else if (op instanceof BatchNorm norm) {
      Tensor h = norm.training() ? normalised(x, 0, true, norm.epsilon()) : x;
      double running = norm.training() ? 1 : 1 / Math.sqrt(1 + norm.epsilon());
      return h.mul(new Scalar(running)).mul(second).add(in.get(2));
    } else if (op instanceof RowNorm norm) {
      boolean centred = norm.norm().centred();
      Tensor scaled = normalised(x, 1, centred, norm.norm().eps()).mul(second);
      return centred ? scaled.add(in.get(2)) : scaled;
    } else if (op instanceof RotaryEmbedding rotary) {
      return rotary(rotary, x);
    } else if (op instanceof SwiGlu) {
      int h = shape.cols();
      return torch.silu(x.narrow(1, 0, h)).mul(x.narrow(1, h, h));
    } else if (op instanceof Attention attention) {
      return attention(attention, x).reshape(shape.rows(), shape.cols());
    } else if (op instanceof Embedding) {
      return x.index_select(0, second.reshape(-1).to(ScalarType.Long));
    } else if (op instanceof AddPositions) {
      return x.add(second.repeat(x.size(0) / second.size(0), 1));
    } else if (op instanceof ClassToken token) {
      long b = x.size(0) / token.length();
      Tensor tokens = second.reshape(1, 1, -1).expand(b, 1, x.size(1));
      Tensor rest = x.reshape(b, token.length(), -1);
      return torch.cat(new TensorVector(tokens, rest), 1).reshape(-1, x.size(1));
    } else if (op instanceof FirstRows rows) {
      return x.reshape(-1, rows.length(), x.size(1)).narrow(1, 0, 1).reshape(-1, x.size(1));
    } else if (op instanceof DropPath) {
      return x.reshape(second.size(0), -1).mul(second).reshape(shape.rows(), shape.cols());
    }
    throw new AssertionError("no oracle for " + op);
  }

  /** Channels first, as PyTorch has them. */
  private static Tensor images(Tensor x, int n, int h, int w, int c) {
    return x.reshape(n, h, w, c).permute(0, 3, 1, 2);
  }

  private static Tensor pixels(Tensor y) {
    return y.permute(0, 2, 3, 1).reshape(-1, y.size(1));
  }

  private static Tensor convolution(ConvolutionShape s, Tensor x, Tensor w, TensorOptional bias) {
    Tensor weights =
        w.reshape(s.kernelHeight(), s.kernelWidth(), s.channels(), s.filters()).permute(3, 2, 0, 1);
    return pixels(
        torch.conv2d(
            images(x, s.batch(), s.height(), s.width(), s.channels()),
            weights,
            bias,
            new long[] {s.stride(), s.stride()},
            new long[] {s.padding(), s.padding()},
            new long[] {s.dilation(), s.dilation()},
            1));
  }

  private static Tensor pool(PoolingShape s, Tensor x, boolean max) {
    Tensor images = images(x, s.batch(), s.height(), s.width(), s.channels());
    long[] window = {s.windowHeight(), s.windowWidth()};
    long[] stride = {s.stride(), s.stride()};
    long[] padding = {s.padding(), s.padding()};
    return pixels(
        max
            ? torch.max_pool2d(images, window, stride, padding, new long[] {1, 1}, false)
            : torch.avg_pool2d(images, window, stride, padding, false, true, new LongOptional()));
  }

  /** Mean square 1 along a dimension, and mean 0 where centred. */
  private static Tensor normalised(Tensor x, int dim, boolean centred, double eps) {
    Tensor c = centred ? x.sub(mean(x, dim)) : x;
    return c.mul(mean(c.square(), dim).add(new Scalar(eps)).rsqrt());
  }

  private static Tensor mean(Tensor x, int dim) {
    return x.sum(new long[] {dim}, true, new org.bytedeco.pytorch.ScalarTypeOptional())
        .div(new Scalar((double) x.size(dim)));
  }

  private static Tensor rotary(RotaryEmbedding r, Tensor x) {
    long rows = x.size(0);
    int half = r.width() / 2;
    double[] cos = new double[(int) rows * half];
    double[] sin = new double[cos.length];
    for (int i = 0; i < cos.length; i++) {
      double angle = i / half % r.length() * Math.pow(r.base(), -2.0 * (i % half) / r.width());
      cos[i] = Math.cos(angle);
      sin[i] = Math.sin(angle);
    }
    Tensor c = Tensor.create(cos, rows, 1, half).to(x.scalar_type());
    Tensor s = Tensor.create(sin, rows, 1, half).to(x.scalar_type());
    int turned = r.heads() * r.width();
    Tensor heads = x.narrow(1, 0, turned).reshape(rows, r.heads(), r.width());
    Tensor u = heads.narrow(2, 0, half);
    Tensor v = heads.narrow(2, half, half);
    Tensor y = torch.cat(new TensorVector(u.mul(c).sub(v.mul(s)), u.mul(s).add(v.mul(c))), 2);
    Tensor rest = x.narrow(1, turned, x.size(1) - turned);
    return torch.cat(new TensorVector(y.reshape(rows, turned), rest), 1);
  }

  private static Tensor attention(Attention a, Tensor x) {
    long t = a.length();
    long b = x.size(0) / t;
    long dim = x.size(1) / (a.heads() + 2 * a.keyHeads());
    long queries = a.heads() * dim;
    long keys = a.keyHeads() * dim;
    long group = a.heads() / a.keyHeads();
    Tensor q = x.narrow(1, 0, queries).reshape(b, t, a.heads(), dim).permute(0, 2, 1, 3);
    Tensor k = shared(x.narrow(1, queries, keys), b, t, a.keyHeads(), group, dim);
    Tensor v = shared(x.narrow(1, queries + keys, keys), b, t, a.keyHeads(), group, dim);
    Tensor scores = q.matmul(k.transpose(2, 3)).mul(new Scalar(1 / Math.sqrt(dim)));
    if (a.causal()) {
      double[] mask = new double[(int) (t * t)];
      for (int i = 0; i < mask.length; i++) {
        mask[i] = i % t > i / t ? -1e30 : 0;
      }
      scores = scores.add(Tensor.create(mask, t, t).to(x.scalar_type()));
    }
    return scores.softmax(3).matmul(v).permute(0, 2, 1, 3).reshape(b * t, queries);
  }

  /** Keys or values {@code [b x heads x t x dim]}, each for a group of query heads. */
  private static Tensor shared(Tensor x, long b, long t, long heads, long group, long dim) {
    Tensor each = x.reshape(b, t, heads, 1, dim).expand(b, t, heads, group, dim);
    return each.reshape(b, t, heads * group, dim).permute(0, 2, 1, 3);
  }
}
