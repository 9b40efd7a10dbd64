using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Fn.ServiceDefaults.Configuration;

/// <summary>
/// Options classes read from the configuration. Supported are writable properties that are a <see cref="TimeSpan"/> with <see cref="DurationAttribute"/>,
/// a <see cref="long"/> with <see cref="BytesAttribute"/>, an <see cref="int"/> or <see cref="double"/> with a range, a <see cref="bool"/>, a
/// <see cref="string"/>, an enum by its names, or an <see cref="IList{T}"/> or <see cref="IReadOnlyList{T}"/> of strings. A nullable one is off when its value is empty.
/// </summary>
public static class FnOptionsExtensions
{
    /// <summary>
    /// Binds <paramref name="section"/> onto <typeparamref name="T"/> and checks it when the process starts: values out of range and unknown keys, each on a
    /// line of its own. May be called again for the same class; several classes may read parts of one section.
    /// </summary>
    public static OptionsBuilder<T> AddFnOptions<T>(this IServiceCollection services, string section) where T : class, new()
    {
        var settings = new FnSection<T>(section);
        services.TryAddSingleton(settings);
        services.AddSingleton(settings.Known);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<T>, SectionBinder<T>>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>, SectionBinder<T>>());
        return services.AddOptions<T>().ValidateOnStart();
    }

    /// <summary>
    /// Reads a section where the services are not there yet. Wrong values count as not given; they end the process when the same section, added by
    /// <see cref="AddFnOptions{T}"/>, is checked.
    /// </summary>
    public static T ReadFnOptions<T>(this IConfiguration configuration, string section) where T : class, new()
    {
        var options = new T();
        new FnSection<T>(section).Bind(configuration, options);
        return options;
    }
}
