using Fn.Api.Invocation;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Api.Warmth;

internal static class WarmthRegistration
{
    /// <summary>Adds what has runners keep containers of functions that ask for it. Needs the functions, the store, and the placement's view.</summary>
    public static IServiceCollection AddWarmth(this IServiceCollection services)
    {
        services.TryAddSingleton<WarmRevisions>();
        services.TryAddSingleton<IFunctionResolver>(provider => provider.GetRequiredService<WarmRevisions>());
        services.TryAddSingleton<HotFunctions>();
        services.TryAddSingleton<WishSender>();
        services.AddHostedService<HotKeeper>();
        return services;
    }
}
