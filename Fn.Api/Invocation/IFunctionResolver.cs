using Fn.ServiceDefaults.Contracts;

namespace Fn.Api.Invocation;

/// <summary>Finds the function that a call names, merged with its app, as it is to be run. Asked for every call, so answered from memory.</summary>
internal interface IFunctionResolver
{
    /// <summary>The function; null when there is none with this id.</summary>
    ValueTask<FunctionSpec?> ResolveAsync(string functionId, CancellationToken cancel);
}
