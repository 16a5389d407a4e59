package dev.evolute.torch;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * PyTorch's fused AdamW, one pass over memory a step, with its own betas and epsilon. Its C++
 * library has that kernel and no class for it, and its Java binding not even the kernel: it is
 * called by name, on lists that a script makes.
 */
public final class TorchAdamW {
  private static final String LISTS =
      """
      def one(x: Tensor):
          return [x]
      def none():
          y: List[Tensor] = []
          return y
      """;
  private static final double BETA_1 = 0.9;
  private static final double BETA_2 = 0.999;
  private static final double EPSILON = 1e-8;

  /** A parameter and its moments, each in a list of its own. */
  private record State(Tensor parameter, IValue list, IValue first, IValue second) {}

  private final Torch network;
  private final double decay;
  private final CompilationUnit lists = torch.compile(LISTS);
  private final OperatorHandle kernel =
      Dispatcher.singleton().findSchemaOrThrow("aten::_fused_adamw_", "");
  private final List<State> states = new ArrayList<>();
  private final IValue none;

  /** Steps taken, as the kernel wants them: a number that it reads. */
  private final Tensor taken = torch.zeros(new long[0]).to(ScalarType.Float);

  private final IValue steps = one(taken);

  /** Of all parameters of a network. */
  public TorchAdamW(Torch network, double decay) {
    this.network = network;
    this.decay = decay;
    none = lists.find_function(new QualifiedName("none")).apply(new IValueVector());
    TensorVector parameters = network.parameters();
    for (long i = 0; i < parameters.size(); i++) {
      Tensor p = parameters.get(i).detach();
      states.add(new State(p, one(p), one(torch.zeros_like(p)), one(torch.zeros_like(p))));
    }
  }

  private IValue one(Tensor tensor) {
    IValueVector arguments = new IValueVector();
    arguments.push_back(new IValue(tensor));
    return lists.find_function(new QualifiedName("one")).apply(arguments);
  }

  /** A gradient and the step it asks for; returns the loss before it. */
  public double step(double eta) {
    try (PointerScope scope = new PointerScope()) {
      TensorVector gradient = network.gradient(false);
      scope.attach(gradient);
      taken.add_(new Scalar(1.0));
      for (int i = 0; i < states.size(); i++) {
        update(states.get(i), gradient.get(i), eta);
      }
      return network.lastLoss();
    }
  }

  private void update(State state, Tensor gradient, double eta) {
    // The kernel walks through memory, and derivatives of weights may be transposed in it.
    IValue g = one(gradient.contiguous(state.parameter.suggest_memory_format()));
    IValueVector arguments = new IValueVector();
    for (IValue list : List.of(state.list, g, state.first, state.second, none, steps)) {
      arguments.push_back(list);
    }
    for (double number : new double[] {eta, BETA_1, BETA_2, decay, EPSILON}) {
      arguments.push_back(new IValue(number));
    }
    // Not AMSGrad, not to maximise; no scale of gradients, nor where infinities were found.
    arguments.push_back(new IValue(false));
    arguments.push_back(new IValue(false));
    arguments.push_back(new IValue());
    arguments.push_back(new IValue());
    kernel.callBoxed(arguments);
  }
}
