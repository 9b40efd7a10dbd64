namespace Fn.Tests.Runner.Slots;

/// <summary>Something asynchronous that was begun in a <see cref="SlotHarness"/>. Looked at rather than awaited: nothing goes on there but by a step.</summary>
internal class Pending(Task task)
{
    public bool IsOver => task.IsCompleted;

    /// <summary>Why it failed; null when it did not, or is not over.</summary>
    public Exception? Error => task.Exception?.InnerException;
}

/// <inheritdoc />
internal sealed class Pending<T>(Task<T> task) : Pending(task)
{
#pragma warning disable VSTHRD002 // Asked only when it is there.
    public T Result => IsOver ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("It is not over.");
#pragma warning restore VSTHRD002
}
