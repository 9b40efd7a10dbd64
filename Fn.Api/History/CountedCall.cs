namespace Fn.Api.History;

/// <summary>What is counted of a call, whether it is kept or not.</summary>
/// <param name="FunctionId">Its function.</param>
/// <param name="Cold">Whether it waited for its container to start and was its first.</param>
/// <param name="Failed">Whether the function did not answer.</param>
/// <param name="Start">Milliseconds in which its container was being started; 0 for a hot call.</param>
/// <param name="ToHeaders">Microseconds from its head to the function's headers; null when it sent none.</param>
internal readonly record struct CountedCall(string FunctionId, bool Cold, bool Failed, double Start, long? ToHeaders)
{
    /// <summary>Neither cold nor failed: one of very many, which nobody looks for.</summary>
    public bool IsOrdinary => !Cold && !Failed;
}
