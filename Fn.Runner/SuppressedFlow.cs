namespace Fn.Runner;

/// <summary>What is begun within it does not take over the caller's ambient values, such as the current span. Disposed on the thread that began it.</summary>
internal readonly struct SuppressedFlow : IDisposable
{
    private readonly AsyncFlowControl? _control;

    private SuppressedFlow(AsyncFlowControl control) => _control = control;

    public static SuppressedFlow Begin() => ExecutionContext.IsFlowSuppressed() ? default : new SuppressedFlow(ExecutionContext.SuppressFlow());

    public void Dispose() => _control?.Undo();
}
