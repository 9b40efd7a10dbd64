using Fn.Runner.Containers;
using Fn.Runner.Formats.Cold;
using Fn.Runner.Formats.Http;
using Fn.Runner.Formats.HttpStream;
using Fn.Runner.Linux;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Fn.Runner.Formats;

internal static class FormatRegistration
{
    /// <summary>Adds the formats that functions may have.</summary>
    public static IServiceCollection AddFunctionFormats(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFunctionFormat, DefaultFormat>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFunctionFormat, HttpFormat>());
        services.TryAddSingleton<Inotify>();
        services.TryAddSingleton(static _ => new EventLoops(Environment.ProcessorCount));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IFunctionFormat, HttpStreamFormat>());
        return services;
    }
}
