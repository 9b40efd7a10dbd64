using Fn.Api.Invocation;
using Fn.ServiceDefaults.Contracts;

namespace Fn.Tests.Fakes;

/// <summary>Knows the functions it is given.</summary>
internal sealed class FixedFunctions(params FunctionSpec[] functions) : IFunctionResolver
{
    public ValueTask<FunctionSpec?> ResolveAsync(string functionId, CancellationToken cancel) =>
        new(functions.SingleOrDefault(function => function.FunctionId == functionId));
}
